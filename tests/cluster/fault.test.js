// Leader workers under random faults; the checker proves from etcd's own history what
// docs/consistency.md promises. AMID_FAULT_SECONDS: how long (60), AMID_FAULT_SEED: repeats a
// schedule, AMID_FAULT_TRACE=1: prints what was done when.
import './inside.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FaultRun } from './faults.js';

const SECONDS = Number(process.env.AMID_FAULT_SECONDS ?? 60);
const TIMED_SECONDS = Math.ceil(SECONDS / 4);
const SEED = Number(process.env.AMID_FAULT_SEED ?? Math.floor(Math.random() * 2 ** 32));

function summary(run) {
  const { checker, faults, takeovers } = run;
  const list = (numbers) => `[${numbers.join(' ')}] ms`;
  return [
    `seed ${SEED}: ${JSON.stringify(checker.counts)}`,
    `faults: ${JSON.stringify(faults)}`,
    `writing again after a crash ${list(takeovers.crash)}, after a clean stop ${list(takeovers.handover)}`,
    `counted apart: ${JSON.stringify(takeovers.apart)}, ${JSON.stringify(checker.apart)}`,
  ].join('\n');
}

async function judge(t, seconds, options) {
  t.diagnostic(`AMID_FAULT_SEED=${SEED} repeats this schedule`);
  const run = await FaultRun.start({ seed: SEED, ...options });
  try {
    const violations = await run.run(seconds);
    for (const line of summary(run).split('\n')) t.diagnostic(line);
    assert.deepEqual(violations, [], run.trace.join('\n'));
    assert.ok(run.checker.counts.writes > 0 && run.checker.counts.effects > 0, 'nothing was done');
    assert.ok(run.checker.counts.acknowledged > 0, 'nothing was acknowledged');
  } finally {
    if (process.env.AMID_FAULT_TRACE) console.error(run.trace.join('\n'));
    await run.close();
  }
}

test(`no stale leader acts, ${SECONDS} s of faults, seed ${SEED}`, (t) => judge(t, SECONDS, {}));

test(`leaders are back in time, ${TIMED_SECONDS} s of crashes and stops`, (t) =>
  judge(t, TIMED_SECONDS, { isTimed: true }));
