// The spare: a clone made ahead is confined like a worker and is none; it serves one start, is replaced whatever
// happens to it, and no start ever depends on it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';

import { Amid, assertGone, pause, withAmid } from './harness.js';

const IDLE = "logger.info('begun'); await Stels.sleep(1e8);";
const CROWD = 100;

/** Starts a worker, waits until it runs. */
async function start(amid, script = IDLE, fields = {}) {
  const from = amid.mark();
  const sid = await amid.runWorker(script, fields);
  const { pid } = await amid.waitState(sid, 'running', { from });
  return { sid, pid };
}

function status(pid, field) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(text)[1];
}

function nice(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16]);
}

const gone = (amid, pid) =>
  amid.waitFor((e) => e.event === 'spare' && e.state === 'gone' && e.pid === pid);

/** What the filter and the rest of the confinement look like from outside. */
function confinement(pid) {
  return {
    seccomp: status(pid, 'Seccomp'),
    privileges: status(pid, 'NoNewPrivs'),
    capabilities: status(pid, 'CapEff') + status(pid, 'CapBnd') + status(pid, 'CapPrm'),
    uid: status(pid, 'Uid'),
    groups: status(pid, 'Groups'),
    limits: readFileSync(`/proc/${pid}/limits`, 'utf8').replace(/^Max (data size|nice).*$/gm, ''),
    descriptors: readdirSync(`/proc/${pid}/fd`).filter((fd) => Number(fd) > 2),
  };
}

describe('a spare', () => {
  test('is confined while it waits, and no worker until it is taken', () =>
    withAmid({}, async (amid) => {
      const pid = await amid.spare();
      const waiting = confinement(pid);
      assert.equal(waiting.seccomp, '2');
      assert.equal(waiting.privileges, '1');
      assert.deepEqual(waiting.descriptors, ['3']);
      const { workers } = await amid.stats();
      assert.deepEqual(workers, []);
      const worker = await start(amid);
      assert.equal(worker.pid, pid);
      assert.deepEqual(confinement(pid), waiting);
      const next = await amid.spare();
      assert.notEqual(next, pid);
      const rows = (await amid.stats()).workers;
      assert.deepEqual(
        rows.map((row) => row.sid),
        [worker.sid],
      );
    }));

  test('gets its worker’s nice value, as a clone of its own would', () =>
    withAmid({}, async (amid) => {
      for (const priority of ['low', 'normal', 'high', 'critical']) {
        const spare = await amid.spare();
        const taken = await start(amid, IDLE, { priority });
        assert.equal(taken.pid, spare);
        const other = await amid.spare();
        await pause(other);
        const cloned = await start(amid, IDLE, { priority });
        assert.notEqual(cloned.pid, other);
        assert.equal(nice(taken.pid), nice(cloned.pid), priority);
        await gone(amid, other);
      }
    }));

  test('that is killed is replaced, and starts go on', () =>
    withAmid({}, async (amid) => {
      for (let n = 0; n < 5; n++) {
        const spare = await amid.spare();
        process.kill(spare, 'SIGKILL');
        const { sid, pid } = await start(amid);
        assert.notEqual(pid, spare);
        // Also if it was taken because its end was not to be seen yet.
        await gone(amid, spare);
        assert.equal((await amid.stats(sid)).restarts, 0);
        assert.equal((await amid.stats(sid)).criticalErrors, 0);
      }
      await amid.spare();
    }));

  test('that is stopped holds up nobody and is thrown away', () =>
    withAmid({}, async (amid) => {
      const spare = await amid.spare();
      await pause(spare);
      const { sid, pid } = await start(amid);
      assert.notEqual(pid, spare);
      assert.equal((await amid.stats(sid)).criticalErrors, 0);
      await gone(amid, spare);
      assert.ok(!existsSync(`/proc/${spare}`));
      assert.notEqual(await amid.spare(), spare);
    }));

  test('goes with its zygote', () =>
    withAmid({}, async (amid) => {
      const spare = await amid.spare();
      const { pid: zygote } = amid.events.items.find(
        (e) => e.event === 'zygote' && e.kind === 'worker' && e.state === 'ready',
      );
      process.kill(zygote, 'SIGKILL');
      await gone(amid, spare);
      const { pid } = await start(amid);
      assert.notEqual(pid, spare);
      assert.notEqual(await amid.spare(), spare);
    }));

  test('goes with amid', async () => {
    const amid = await Amid.start();
    const spare = await amid.spare();
    const below = await amid.crash();
    assert.ok(below.some(({ pid }) => pid === spare));
    await assertGone(below);
    amid.removeState();
  });

  test('serves one of a crowd', () =>
    withAmid({}, async (amid) => {
      await amid.spare();
      const sids = [];
      for (let n = 0; n < CROWD; n++) {
        const answer = await amid.call('setWorker', { scriptContent: IDLE });
        sids.push(answer.body.value.raw.sid);
      }
      await amid.spare();
      const from = amid.mark();
      await Promise.all(sids.map((sid) => amid.api('POST', `/api/workers/${sid}/start`)));
      const pids = new Set();
      for (const sid of sids) pids.add((await amid.waitState(sid, 'running', { from })).pid);
      assert.equal(pids.size, CROWD);
      const spare = await amid.spare();
      assert.ok(!pids.has(spare));
      assert.equal(amid.children().length, CROWD + 3);
    }));

  test('is never there twice, and leaves no descriptor behind', () =>
    withAmid({}, async (amid) => {
      const { sid } = await start(amid);
      let fds, children;
      for (let n = 0; n <= 20; n++) {
        const spare = await amid.spare();
        const from = amid.mark();
        await amid.call('restartWorker', { sid });
        const { pid } = await amid.waitState(sid, 'running', { from });
        assert.equal(pid, spare);
        // The old one has ended before the new one is anybody's.
        const events = amid.events.items.slice(from).map((e) => `${e.event} ${e.pid ?? ''}`.trim());
        const ended = amid.events.items.slice(from).findIndex((e) => e.event === 'exit');
        assert.ok(ended >= 0 && ended < events.indexOf(`spawn ${pid}`), events.join(', '));
        await amid.spare();
        // The compile's process may still be there; nothing may be added.
        fds ??= amid.fds().length;
        children ??= amid.children().length;
      }
      assert.ok(amid.fds().length <= fds);
      assert.ok(amid.children().length <= children);
    }));
});
