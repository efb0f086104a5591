// One worker's life on a node: hot reload, single completion, restarts of amid, the five ways a
// newcomer breaks a worker, and the certificate that each death leaves.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { Amid, BIN, makeStateFolder, pause } from './harness.js';

const IDLE = 'await Stels.sleep(1e8);';

/** Runs the body against a fresh amid, which must stop cleanly afterwards. */
async function withAmid(options, body) {
  const amid = await Amid.start(options);
  try {
    await body(amid);
  } catch (error) {
    await amid.kill();
    throw error;
  }
  await amid.stop({ keepState: options.state !== undefined });
}

describe('breaking a worker on purpose', () => {
  test('1: a throw keeps process, heap and globalThis, and names the owner’s line', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(`
globalThis.n = (globalThis.n || 0) + 1;
if (globalThis.n === 2) { logger.info('kept-' + globalThis.n); ${IDLE} }
function inner() {
  throw new TypeError('line five');
}
inner();
`);
      const { pid } = await amid.waitState(sid, 'running');
      await amid.waitState(sid, 'backoff');
      const from = amid.mark();
      await amid.advance(1000);
      await amid.waitState(sid, 'running', { from });
      await amid.waitLog(/kept-2/);
      const row = await amid.stats(sid);
      assert.equal(row.lastError, 'TypeError: line five (line 5)');
      assert.equal(row.restarts, 0);
      assert.equal((await amid.view(sid)).pid ?? pid, pid);
      await amid.waitLog(/worker\.js:5|line 5/);
    }));

  test('2: a syntax error is refused when saving', () =>
    withAmid({}, async (amid) => {
      const answer = await amid.call('setWorker', { scriptContent: 'const a = 1;\nif (a {\n}' });
      assert.equal(answer.status, 400);
      assert.equal(answer.body.line, 2);
      assert.match(answer.body.error, /line 2, column \d+/);
    }));

  test('3: an endless loop is ended by its CPU limit', () =>
    withAmid({ env: { AMID_RUNNER_TURN_CPU_MS: '300' } }, async (amid) => {
      const sid = await amid.runWorker(`try { for (;;) {} } catch (e) { for (;;) {} }`);
      await amid.waitState(sid, 'backoff');
      const row = await amid.stats(sid);
      assert.equal(row.lastErrorType, 'critical');
      assert.ok(['turn', 'watchdog'].includes(row.lastExit.limit), JSON.stringify(row.lastExit));
      assert.equal(row.criticalErrors, 1);
    }));

  test('4: heap exhaustion can be caught; uncaught it is a death that names the limit', () =>
    withAmid({ env: { AMID_RUNNER_HEAP_MIB: '8' } }, async (amid) => {
      const caught = await amid.runWorker(
        `let all = [];
         try { for (;;) all.push('x'.repeat(1000) + all.length); } catch (error) { all = null; logger.info('caught: ' + error.name); }
         ${IDLE}`,
      );
      await amid.waitLog(/caught: RangeError|caught: Error/);
      assert.equal((await amid.view(caught)).state, 'running');
      const uncaught = await amid.runWorker(
        `const all = []; for (;;) all.push('x'.repeat(1000) + all.length);`,
      );
      await amid.waitState(uncaught, 'backoff');
      const row = await amid.stats(uncaught);
      assert.equal(row.lastErrorType, 'critical');
      assert.match(JSON.stringify([row.lastExit, row.lastError]), /heap|memory|alloc/i);
    }));

  test('5: kill -9 leaves a certificate and a new process after the backoff', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(IDLE);
      const first = await amid.waitState(sid, 'running');
      const from = amid.mark();
      process.kill(first.pid, 'SIGKILL');
      await amid.waitState(sid, 'backoff', { from });
      const row = await amid.stats(sid);
      assert.equal(row.lastExit.signal, 9);
      assert.equal(row.state, 'backoff');
      await amid.advance(1000);
      const second = await amid.waitState(sid, 'running', { from });
      assert.notEqual(second.pid, first.pid);
      assert.equal((await amid.stats(sid)).restarts, 1);
    }));
});

describe('watchdog', () => {
  test('a process that does not answer within its wall time is killed', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(IDLE);
      const { pid } = await amid.waitState(sid, 'running');
      await amid.freeze();
      await pause(pid);
      const halted = amid.waitState(sid, 'backoff');
      for (let n = 0; n < 15; n++) await amid.advance(10_000);
      await halted;
      const row = await amid.stats(sid);
      assert.equal(row.lastExit.limit, 'watchdog');
      assert.match(JSON.stringify(row), /[Ww]atchdog/);
    }));
});

const CHANNEL_FD = 3; // runner/confine.h

/** Writes into a process's own end of its channel, as if it had said so itself. */
function sayAs(pid, bytes) {
  execFileSync(path.join(BIN, 'say-as'), [String(pid), String(CHANNEL_FD)], { input: bytes });
}

describe('a process that says what no runner may say', () => {
  const needsRoot = { skip: process.getuid() === 0 ? false : 'reaching into a process needs root' };

  test('is killed and counted, and nobody else notices', needsRoot, () =>
    withAmid({}, async (amid) => {
      const bystander = await amid.runWorker(IDLE);
      const calm = await amid.waitState(bystander, 'running');
      const sid = await amid.runWorker(IDLE);
      const before = await amid.stats();
      assert.equal(before.framesRefused, 0);
      let lastStart = 0;
      const nonsense = [Buffer.alloc(64, 0xff), Buffer.alloc(4096), Buffer.from('GET / HTTP/1.1')];
      for (const [n, bytes] of nonsense.entries()) {
        const from = amid.mark();
        const { pid } = await amid.waitState(sid, 'running', { from: lastStart });
        sayAs(pid, bytes);
        await amid.waitState(sid, 'backoff', { from });
        const stats = await amid.stats();
        const row = stats.workers.find((item) => item.sid === sid);
        assert.deepEqual([stats.framesRefused, row.framesRefused], [n + 1, n + 1]);
        assert.equal(row.lastExit.limit, 'protocol');
        lastStart = amid.mark();
        await amid.advance(60_000);
      }
      const view = await amid.view(bystander);
      assert.equal((await amid.stats(bystander)).framesRefused, 0);
      assert.deepEqual([view.state, view.instance.pid ?? view.pid], ['running', calm.pid]);
      await amid.call('deleteWorker', { sid });
      assert.equal((await amid.stats()).framesRefused, nonsense.length);
    }),
  );
});

describe('hot reload', () => {
  test('the old instance has ended before the new one starts', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(`logger.info('version one');
        try { ${IDLE} } finally { logger.info('one ends'); }`);
      const first = await amid.waitState(sid, 'running');
      await amid.waitLog(/version one/);
      const from = amid.mark();
      const starting = amid
        .waitState(sid, 'starting', { from })
        .then(() => existsSync(`/proc/${first.pid}`));
      await amid.updateWorker(sid, { script: `logger.info('version two'); ${IDLE}` });
      const second = await amid.waitState(sid, 'running', { from });
      await amid.waitLog(/version two/);
      assert.equal(await starting, false, 'both instances were there at once');
      assert.notEqual(second.pid, first.pid);
      const lines = amid.log.items;
      const ends = lines.findIndex((line) => line.includes('one ends'));
      const begins = lines.findIndex((line) => line.includes('version two'));
      assert.ok(ends >= 0 && ends < begins);
    }));

  test('a burst of changes ends with one instance of the last text', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(IDLE);
      await amid.waitState(sid, 'running');
      for (let n = 1; n <= 8; n++) {
        await amid.updateWorker(sid, { script: `logger.info('text-${n}'); ${IDLE}` });
      }
      await amid.waitLog(/text-8/);
      const view = await amid.view(sid);
      assert.equal(view.state, 'running');
    }));

  test('priority and note apply without a new process', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(IDLE);
      const first = await amid.waitState(sid, 'running');
      const from = amid.mark();
      await amid.updateWorker(sid, { priority: 'high', note: 'live' });
      const row = await amid.stats(sid);
      assert.equal(row.state, 'running');
      assert.ok(existsSync(`/proc/${first.pid}`));
      assert.ok(!amid.events.items.slice(from).some((e) => e.sid === sid && e.event === 'state'));
    }));
});

describe('stop', () => {
  test('a pending sleep rejects once and the process ends by itself', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(`
        try { ${IDLE} } catch (error) { logger.info('woken by ' + error.name); throw error; }`);
      await amid.waitState(sid, 'running');
      const from = amid.mark();
      await amid.updateWorker(sid, { active: false });
      await amid.waitState(sid, 'inactive', { from });
      await amid.waitLog(/woken by AbortError/);
      const row = await amid.stats(sid);
      assert.deepEqual([row.errors, row.isRunning], [0, false], 'what a stop rejects is no error');
    }));

  test('one that does not end is killed after the grace', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(`
        for (;;) { try { ${IDLE} } catch { logger.info('stays'); setInterval(() => {}, 5); } }`);
      const { pid } = await amid.waitState(sid, 'running');
      await amid.freeze();
      const from = amid.mark();
      await amid.updateWorker(sid, { active: false });
      await amid.waitLog(/stays/);
      assert.ok(existsSync(`/proc/${pid}`));
      await amid.advance(5000);
      await amid.waitState(sid, 'inactive', { from });
      assert.ok(!existsSync(`/proc/${pid}`));
    }));
});

describe('across a restart of amid', () => {
  test('a completed single worker does not run again, a new generation does', async () => {
    const state = makeStateFolder();
    let sid;
    await withAmid({ state }, async (amid) => {
      sid = await amid.runWorker(`logger.info('ran once');`, { mode: 'single' });
      await amid.waitState(sid, 'completed');
      assert.equal((await amid.stats(sid)).executions, 1);
    });
    await withAmid({ state }, async (amid) => {
      const row = await amid.stats(sid);
      assert.deepEqual([row.state, row.executions], ['completed', 1]);
      const probe = await amid.runWorker(IDLE);
      await amid.waitState(probe, 'running');
      assert.ok(!amid.log.items.some((line) => line.includes('ran once')));
      assert.equal((await amid.call('restartWorker', { sid })).status, 200);
      await amid.waitLog(/ran once/);
    });
    rmSync(state, { recursive: true });
  });

  test('running workers run again, failed ones stay failed, totals go on', async () => {
    const state = makeStateFolder();
    let running;
    let failed;
    let earlier;
    await withAmid({ state }, async (amid) => {
      await amid.freeze();
      running = await amid.runWorker(`
        globalThis.n = (globalThis.n || 0) + 1;
        if (globalThis.n === 6) { logger.info('sixth-' + Stels.config.sid); ${IDLE} }`);
      failed = await amid.runWorker(`throw new Error('never');`, { priority: 'low' });
      let from = 0;
      for (;;) {
        const halt = await amid.waitState(failed, ['backoff', 'failed'], { from });
        from = amid.mark();
        if (halt.to === 'failed') break;
        await amid.advance(halt.delayMs);
      }
      await amid.waitLog(new RegExp(`sixth-${running}`));
      earlier = await amid.stats();
      assert.equal(earlier.workers.find((row) => row.sid === running).executions, 5);
    });
    await withAmid({ state }, async (amid) => {
      await amid.waitLog(new RegExp(`sixth-${running}`));
      const now = await amid.stats();
      const find = (stats, sid) => stats.workers.find((row) => row.sid === sid);
      assert.equal(find(now, failed).state, 'failed');
      assert.ok(find(now, failed).stopReason.length > 0);
      assert.equal(find(now, failed).criticalErrors, 5);
      assert.equal(find(now, running).executions, 10);
      assert.equal(find(now, running).scriptHash, find(earlier, running).scriptHash);
    });
    rmSync(state, { recursive: true });
  });
});

describe('the supervisor’s own helpers', () => {
  test('a killed zygote is replaced and running workers do not notice', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(IDLE);
      const { pid } = await amid.waitState(sid, 'running');
      const from = amid.mark();
      for (const child of amid.children()) {
        if (child.pid !== pid) process.kill(child.pid, 'SIGKILL');
      }
      const other = await amid.runWorker(IDLE);
      await amid.waitState(other, 'running', { from });
      assert.ok(existsSync(`/proc/${pid}`));
      assert.equal((await amid.stats(sid)).restarts, 0);
    }));
});
