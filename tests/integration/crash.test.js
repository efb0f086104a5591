// kill -9 of anything at random moments while clients and workers write: nothing that was
// acknowledged is lost, no record is half written, no process and no descriptor is left behind.
// AMID_CRASH_SEED repeats a run, AMID_CRASH_KILLS (200) sets how many kills there are in all.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';

import { Amid, assertGone, makeStateFolder } from './harness.js';

const SEED = Number(process.env.AMID_CRASH_SEED ?? Date.now() % 1_000_000);
const KILLS = Number(process.env.AMID_CRASH_KILLS ?? 200);
const SHARE = { amid: 0.2, runner: 0.4, zygote: 0.2, compiler: 0.2 };
const MOMENT_MAX_MS = 120;
const IDLE = 'await Stels.sleep(1e8);';

console.log(`crash tests: seed ${SEED}, ${KILLS} kills`);

/** mulberry32: the same numbers for the same seed. */
function makeRandom(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const random = makeRandom(SEED);

/** A random moment: the one place where time passes on purpose. */
function moment() {
  return new Promise((resolve) => setTimeout(resolve, random() * MOMENT_MAX_MS));
}

/** A worker that counts in the store and says each number once it is acknowledged. */
function counter(name) {
  return `
    const entry = await Stels.net.get(['count', '${name}']);
    const n = entry.value ? entry.value.raw : 0;
    if (globalThis.told === undefined) { globalThis.told = true; logger.info('begin-${name}-' + n + '.'); }
    await Stels.net.set(['count', '${name}'], n + 1);
    logger.info('acked-${name}-' + (n + 1) + '.');`;
}

function numbersIn(amid, pattern) {
  return amid.log.items
    .map((line) => pattern.exec(line)?.[1])
    .filter((text) => text !== undefined)
    .map(Number);
}

/** Every beginning must be at or above all that was acknowledged before it. */
function assertCounterKept(amid, name, least = 0) {
  let acked = least;
  for (const line of amid.log.items) {
    const begin = new RegExp(`begin-${name}-(\\d+)\\.`).exec(line);
    if (begin) assert.ok(Number(begin[1]) >= acked, `${name} began at ${begin[1]} after ${acked}`);
    const ack = new RegExp(`acked-${name}-(\\d+)\\.`).exec(line);
    if (ack) acked = Math.max(acked, Number(ack[1]));
  }
  return acked;
}

async function settledFds(amid, expected) {
  for (let tries = 0; tries < 500; tries++) {
    const now = amid.fds();
    if (now.length <= expected) return;
    if (tries === 499)
      assert.fail(`${now.length} descriptors instead of ${expected}:\n${now.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('kill -9 of amid', async () => {
  const state = makeStateFolder();
  const kills = Math.round(KILLS * SHARE.amid);
  let sid;
  let noteAcked = 0;
  let noteSent = 0;
  let counterAcked = 0;

  for (let n = 0; n <= kills; n++) {
    const amid = await Amid.start({ state, env: { AMID_LOG_LEVEL: 'info' } });
    if (n === 0) {
      sid = (await amid.makeWorker(`// text 0\nlogger.info(0);`, { note: 'note-0' })).value.raw.sid;
      await amid.runWorker(counter('a'), { priority: 'critical' });
    }
    const raw = (await amid.call('getWorker', { sid })).body.value.raw;
    const note = Number(/^note-(\d+)$/.exec(raw.note)[1]);
    assert.ok(note >= noteAcked && note <= noteSent, `note ${note}, acknowledged ${noteAcked}`);
    const text = /^\/\/ text (\d+)\nlogger\.info\((\d+)\);$/.exec(raw.source);
    assert.ok(text !== null && text[1] === text[2], raw.source);
    assert.equal(raw.script, `logger.info(${text[1]});`, 'script and source are of one write');
    const listed = await amid.call('listWorkers');
    assert.equal(listed.body.length, 2);
    await amid.waitLog(/begin-a-\d+\./);
    assertCounterKept(amid, 'a', counterAcked);
    if (n === kills) {
      await amid.stop({ keepState: true });
      break;
    }

    let dead = false;
    const writer = (async () => {
      while (!dead) {
        const next = ++noteSent;
        const change = { note: `note-${next}` };
        if (next % 7 === 0) change.script = `// text ${next}\nlogger.info(${next});`;
        const answer = await amid
          .call('updateWorker', { channel: `ami.worker.${sid}`, raw: change })
          .catch(() => null);
        if (answer === null) return;
        assert.equal(answer.status, 200, answer.text);
        noteAcked = next;
      }
    })();
    await moment();
    const below = await amid.crash();
    dead = true;
    await writer;
    await assertGone(below);
    counterAcked = assertCounterKept(amid, 'a', counterAcked);
  }
  rmSync(state, { recursive: true });
});

test('kill -9 of runners, zygotes and compiles', async () => {
  const amid = await Amid.start({ env: { AMID_LOG_LEVEL: 'info' } });
  const names = ['b', 'c', 'd'];
  const sids = new Map();
  for (const name of names) {
    sids.set(name, await amid.runWorker(counter(name), { priority: 'critical' }));
  }
  for (const name of names) await amid.waitLog(new RegExp(`acked-${name}-3\\.`));
  const idle = await amid.runWorker(IDLE);
  await amid.waitState(idle, 'running');
  await amid.spare();
  const fds = amid.fds().length;
  const processes = amid.children().length;

  const lastPid = (name) =>
    amid.events.items
      .filter((e) => e.event === 'state' && e.sid === sids.get(name) && e.pid > 0)
      .at(-1).pid;
  const zygotes = () => {
    const alive = new Map();
    for (const event of amid.events.items.filter((e) => e.event === 'zygote')) {
      if (event.state === 'ready') alive.set(event.kind, event.pid);
      else if (event.state === 'dead') alive.delete(event.kind);
    }
    return [...alive.values()];
  };

  for (let n = 0; n < Math.round(KILLS * SHARE.runner); n++) {
    const name = names[Math.floor(random() * names.length)];
    await moment();
    const from = amid.mark();
    process.kill(lastPid(name), 'SIGKILL');
    const halt = await amid.waitState(sids.get(name), 'backoff', { from });
    await amid.advance(halt.delayMs);
    await amid.waitState(sids.get(name), 'running', { from });
    const line = amid.logMark();
    await amid.waitLog(new RegExp(`acked-${name}-`), { from: line });
  }

  for (let n = 0; n < Math.round(KILLS * SHARE.zygote); n++) {
    const from = amid.mark();
    const pids = zygotes();
    const restarted = amid.call('restartWorker', { sid: idle });
    await new Promise((resolve) => setImmediate(resolve));
    process.kill(pids[Math.floor(random() * pids.length)], 'SIGKILL');
    assert.equal((await restarted).status, 200);
    await amid.waitFor((e) => e.event === 'zygote' && e.state === 'ready', { from });
    // A clone that was under way with the zygote counts as a failed start, and is tried again.
    const end = await amid.waitState(idle, ['running', 'backoff'], { from });
    if (end.to === 'backoff') await amid.advance(end.delayMs);
    await amid.waitState(idle, 'running', { from });
  }

  let killed = 0;
  for (let n = 0; killed < Math.round(KILLS * SHARE.compiler); n++) {
    const from = amid.mark();
    const script = `const n${n} = ${n}; function f(a) { return a.map((x) => x * n${n}); }\n`.repeat(
      20 + (n % 7),
    );
    const answer = amid.call('validateScript', {
      scriptContent: script.replaceAll('const', 'var'),
    });
    const spawned = await Promise.race([
      amid.waitFor((e) => e.event === 'spawn', { from }),
      answer.then(() => null),
    ]);
    if (spawned !== null) {
      try {
        process.kill(spawned.pid, 'SIGKILL');
        killed++;
      } catch (error) {
        assert.equal(error.code, 'ESRCH');
      }
    }
    const { status, body } = await answer;
    assert.ok([200, 500, 503].includes(status), `${status} ${JSON.stringify(body)}`);
    if (status !== 200) assert.equal(typeof body.error, 'string');
  }
  const good = await amid.call('validateScript', { scriptContent: 'const fine = 1;' });
  assert.equal(good.status, 200, good.text);

  for (const name of names) {
    assertCounterKept(amid, name);
    assert.ok(numbersIn(amid, new RegExp(`acked-${name}-(\\d+)\\.`)).length > 3);
  }
  await amid.spare();
  await settledFds(amid, fds);
  assert.ok(amid.children().length <= processes, 'a process was left behind');
  await amid.stop();
});
