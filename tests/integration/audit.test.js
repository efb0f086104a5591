// The audit table of a real node: every change has its row in the same commit, also when amid is
// killed in between; refusals have theirs, however many there are; amictl recomputes the chain and
// finds what was changed by hand.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Amid, makeStateFolder } from './harness.js';

const IDLE = 'await Stels.sleep(1e8);';
const KILLS = Number(process.env.AMID_AUDIT_KILLS ?? 8);

async function rowsOf(amid, args = []) {
  const { code, stdout, stderr } = await amid.amictl(['--json', 'audit', ...args]);
  assert.equal(code, 0, stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

async function assertWhole(amid) {
  const { code, stdout, stderr } = await amid.amictl(['--json', 'audit', '--verify']);
  assert.equal(code, 0, stdout + stderr);
  return JSON.parse(stdout);
}

describe('a running node', () => {
  let amid;
  before(async () => {
    amid = await Amid.start();
  });
  after(() => amid.stop());

  test('every change of a worker has its row', async () => {
    const created = await amid.makeWorker(IDLE);
    const { sid } = created.value.raw;
    const updated = await amid.updateWorker(sid, { note: 'secret words', priority: 'low' });
    const started = await amid.api('POST', `/api/workers/${sid}/start`);
    assert.equal(started.status, 200);
    const restarted = await amid.call('restartWorker', { sid });
    const stopped = await amid.call('stopAllWorkers');
    assert.equal(stopped.body.stopped, 1, stopped.text);
    const seen = await amid.view(sid);
    assert.equal((await amid.call('deleteWorker', { sid })).status, 200);

    const rows = await rowsOf(amid, ['--worker', sid.slice(0, 12)]);
    assert.deepEqual(
      rows.map(({ stamp, row }) => [row.event, row.before ?? null, stamp, row.detail ?? null]),
      [
        ['worker-create', null, created.versionstamp, null],
        ['worker-update', created.versionstamp, updated.versionstamp, 'note priority'],
        ['worker-start', updated.versionstamp, started.body.versionstamp, null],
        ['worker-restart', started.body.versionstamp, restarted.body.versionstamp, null],
        ['worker-stop', restarted.body.versionstamp, seen.versionstamp, 'stopAllWorkers'],
        ['worker-delete', seen.versionstamp, rows.at(-1).stamp, null],
      ],
    );
    for (const { row } of rows) {
      assert.equal(row.outcome, 'done');
      assert.match(row.address, /^127\.0\.0\.1:\d+$/);
      assert.ok(row.principal.length > 0);
    }
    assert.ok(!JSON.stringify(rows).includes('secret words'));
    await assertWhole(amid);
    // A change that is none has no row, nor has one that is refused.
    const count = (await rowsOf(amid)).length;
    assert.equal((await amid.call('deleteWorker', { sid })).status, 404);
    assert.equal((await amid.call('stopAllWorkers')).status, 200);
    assert.equal((await rowsOf(amid)).length, count);
  });

  test('what is noted is also logged, and not among the lines of the worker', async () => {
    const from = amid.logMark();
    const { sid } = (await amid.makeWorker(IDLE)).value.raw;
    await amid.waitLog(/audit: worker-create done/, { from });
    const logs = await amid.api('GET', `/api/workers/${sid}/logs`);
    assert.ok(!logs.text.includes('audit:'), logs.text);
    await amid.call('deleteWorker', { sid });
  });

  test('a permission that is denied', async () => {
    const sid = await amid.runWorker(
      `await fetch('http://forbidden.example/').catch(() => {}); ${IDLE}`,
    );
    await amid.waitLog(/audit: permission-denied refused/);
    const [row] = (await rowsOf(amid, ['--worker', sid])).filter(
      ({ row: { event } }) => event === 'permission-denied',
    );
    assert.equal(row.row.outcome, 'refused');
    assert.match(row.row.detail, /fetch .*forbidden\.example/);
    await amid.call('deleteWorker', { sid });
  });

  test('the view wants numbers and a session', async () => {
    for (const query of ['after=-1', 'after=x', 'limit=0', 'limit=501', 'after=1e3', 'after=']) {
      const answer = await amid.api('GET', `/api/audit?${query}`);
      assert.equal(answer.status, 400, query);
    }
    assert.equal((await amid.request({ path: '/api/audit' })).status, 401);
    assert.equal((await amid.amictl(['audit', '--since', 'soon'])).code, 2);
    assert.deepEqual(await rowsOf(amid, ['--since', '2999-01-01']), []);
    assert.ok((await rowsOf(amid, ['--since', '1h'])).length > 0);
    assert.deepEqual(await rowsOf(amid, ['--wallet', 'nobody']), []);
    const shown = await amid.amictl(['audit']);
    assert.match(shown.stdout, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ 1 worker-create done /);
  });
});

test('a flood of refusals is counted, not kept', async () => {
  const state = makeStateFolder();
  const FLOOD = 400;
  let amid = await Amid.start({ state });
  for (let n = 0; n < FLOOD; n++) {
    const answer = await amid.api('GET', '/api/workers', undefined, {
      'stels-session': `guess-${n}`,
    });
    assert.ok(answer.status === 401 || answer.status === 429, answer.text);
  }
  await amid.stop({ keepState: true });
  amid = await Amid.start({ state });
  const rows = await rowsOf(amid);
  const refused = rows.filter(({ row }) => row.outcome === 'refused');
  assert.ok(refused.length >= 6 && refused.length < 20, `${refused.length} rows`);
  const last = refused.filter(({ row }) => row.event === 'suppressed');
  assert.equal(last.length, 1);
  assert.match(last[0].row.detail, /^suppressed \d+ more of 127\.0\.0\.1$/);
  assert.ok(!JSON.stringify(rows).includes('guess-'), 'no part of a token is kept');
  await assertWhole(amid);
  await amid.stop();
  rmSync(state, { recursive: true, force: true });
});

test('a row changed by hand is found and named', async () => {
  const state = makeStateFolder();
  const database = path.join(state, 'amid.db');
  let amid = await Amid.start({ state });
  const { sid } = (await amid.makeWorker(IDLE)).value.raw;
  for (let n = 0; n < 5; n++) await amid.updateWorker(sid, { note: `n${n}` });
  const rows = await rowsOf(amid);
  const victim = rows.find(({ row }) => row.event === 'worker-update');
  await amid.stop({ keepState: true });

  const bytes = readFileSync(database);
  const needle = Buffer.from(`"before":"${victim.row.before}"`);
  const at = bytes.indexOf(needle);
  assert.ok(at > 0 && bytes.indexOf(needle, at + 1) < 0);
  bytes[at + needle.length - 2] ^= 1;
  writeFileSync(database, bytes);
  amid = await Amid.start({ state });
  const found = await amid.amictl(['audit', '--verify']);
  assert.equal(found.code, 6, found.stdout + found.stderr);
  assert.match(found.stdout, new RegExp(`^The chain is broken: row ${victim.seq} was changed`));
  assert.equal(
    (await amid.call('updateWorker', { channel: `ami.worker.${sid}`, raw: { note: 'x' } })).status,
    200,
  );
  await amid.stop();
  rmSync(state, { recursive: true, force: true });
});

test('kill -9: no acknowledged change without its row, no row without its change', async () => {
  const state = makeStateFolder();
  const acknowledged = [];
  let sid;
  for (let n = 0; n <= KILLS; n++) {
    const amid = await Amid.start({ state, env: { AMID_LOG_LEVEL: 'info' } });
    sid ??= (await amid.makeWorker(IDLE)).value.raw.sid;
    await assertWhole(amid);
    const rows = await rowsOf(amid, ['--worker', sid]);
    const stamps = rows.map(({ stamp }) => stamp);
    for (const stamp of acknowledged) assert.ok(stamps.includes(stamp), `${stamp} has no row`);
    // Each row continues the one before it, and the last is the record as it is.
    for (let i = 1; i < rows.length; i++) assert.equal(rows[i].row.before, stamps[i - 1]);
    assert.equal((await amid.view(sid)).versionstamp, stamps.at(-1));
    if (n === KILLS) {
      await amid.stop({ keepState: true });
      break;
    }
    const writers = Array.from({ length: 3 }, async (_, writer) => {
      for (let m = 0; ; m++) {
        const answer = await amid
          .call('updateWorker', {
            channel: `ami.worker.${sid}`,
            raw: { note: `${n}-${writer}-${m}` },
          })
          .catch(() => null);
        if (answer === null) return;
        assert.equal(answer.status, 200, answer.text);
        acknowledged.push(answer.body.versionstamp);
      }
    });
    // A random moment: the one place where time passes on purpose.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 120));
    await amid.crash();
    await Promise.all(writers);
  }
  assert.ok(acknowledged.length > KILLS, `only ${acknowledged.length} changes`);
  rmSync(state, { recursive: true });
});
