// The parts of Deno that a worker has: leaving with Deno.exit (RULES 18), SIGTERM listeners within the grace of a stop,
// a health check and a graceful shutdown as owners write them, and what the node tells of itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, test } from 'node:test';

import { withAmid } from './harness.js';

/** Runs the body against a fresh amid, which must stop cleanly afterwards. */
describe('Deno.exit', () => {
  test('0 in a loop ends the iteration well, at once, whatever the script would catch', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(`
globalThis.n = (globalThis.n ?? 0) + 1;
logger.info('run-' + n);
if (n > 2) await Stels.sleep(1e8);
setTimeout(() => logger.info('never'), 1);
async function deep() {
  await null;
  try {
    [1].forEach(() => Deno.exit(0));
  } catch (error) {
    logger.info('never caught');
  } finally {
    logger.info('never finally');
  }
}
await deep();
logger.info('never after');
`);
      await amid.waitLog(/run-3/);
      const row = await amid.stats(sid);
      assert.equal(row.errors, 0);
      assert.equal(row.restarts, 0);
      assert.ok(row.executions >= 2);
      assert.doesNotMatch(amid.log.items.join('\n'), /never/);
    }));

  test('another code in a loop is a critical error; the process stays', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(
        `globalThis.n = (globalThis.n ?? 0) + 1; if (n > 1) { logger.info('kept-' + n); await Stels.sleep(1e8); } Deno.exit(3);`,
      );
      await amid.waitState(sid, 'backoff');
      const row = await amid.stats(sid);
      assert.equal(row.lastErrorType, 'critical');
      assert.match(row.lastError, /Deno\.exit\(3\) was called/);
      await amid.advance(1000);
      await amid.waitLog(/kept-2/);
    }));

  test('0 in a single worker completes it, another code is an error of it', () =>
    withAmid({}, async (amid) => {
      const done = await amid.runWorker(`Deno.exit();`, { mode: 'single' });
      await amid.waitState(done, 'completed');
      const bad = await amid.runWorker(`setTimeout(() => Deno.exit(1), 1);`, { mode: 'single' });
      await amid.waitState(bad, 'backoff');
    }));

  test('while stopping it ends the stop, cleanly with 0, with a line otherwise', () =>
    withAmid({}, async (amid) => {
      const script = (code) => `
Deno.addSignalListener('SIGTERM', () => { logger.info('leaving-${code}'); Deno.exit(${code}); });
setInterval(() => {}, 1000);
logger.info('ready-${code}');
await new Promise(() => {});`;
      for (const code of [0, 4]) {
        const sid = await amid.runWorker(script(code));
        await amid.waitLog(new RegExp(`ready-${code}`));
        await amid.updateWorker(sid, { active: false });
        await amid.waitLog(new RegExp(`leaving-${code}`));
        await amid.waitState(sid, 'inactive');
        const { lastExit } = await amid.stats(sid);
        assert.equal(lastExit.code, 0, JSON.stringify(lastExit));
      }
      assert.match(amid.log.items.join('\n'), /Error while stopping: Error: Deno\.exit\(4\)/);
    }));

  test('it cannot be asked for again while it happens', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(
        `Object.defineProperty(Error.prototype, 'name', { get() { Deno.exit(1); } }); Deno.exit(1);`,
      );
      await amid.waitState(sid, 'backoff');
      assert.match((await amid.stats(sid)).lastError, /Deno\.exit inside Deno\.exit/);
    }));
});

describe('what the node tells', () => {
  test('host name, load, memory and process are true', () =>
    withAmid({}, async (amid) => {
      const told = await amid.evaluate(`
        return { host: Deno.hostname(), load: Deno.loadavg(), memory: Deno.memoryUsage(), pid: Deno.pid,
          sys: (await Deno.permissions.query({ name: 'sys', kind: 'loadavg' })).state };`);
      assert.equal(told.host, hostname());
      assert.equal(told.load.length, 3);
      told.load.forEach((value) => assert.ok(value >= 0 && value < 1000));
      assert.ok(told.memory.heapUsed > 100_000 && told.memory.rss >= told.memory.heapUsed);
      assert.ok(told.pid > 1);
      assert.equal(told.sys, 'granted');
      // The page is one for all and cannot be written to from below.
      const sid = await amid.runWorker(`logger.info('pid=' + Deno.pid); await Stels.sleep(1e8);`);
      const pid = /pid=(\d+)/.exec(await amid.waitLog(/pid=\d+/))[1];
      const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
      const rights = maps
        .split('\n')
        .filter((line) => line.includes('memfd:amid-node'))
        .map((line) => line.split(' ')[1]);
      assert.deepEqual(rights, ['r--s']);
      assert.ok(sid);
    }));

  test('a health check of numbers runs', () =>
    withAmid({}, async (amid) => {
      await amid.runWorker(
        `const counters = Deno.metrics().ops.op_now, memory = Deno.memoryUsage();
         await Stels.net.set(['health', Stels.config.nid],
           { by: Stels.config.nid, counters, memory, load: Deno.loadavg()[0] });
         logger.info('health told');`,
        { mode: 'single' },
      );
      await amid.waitLog(/health told/);
      const health = await amid.evaluate(
        `return (await Stels.net.get(['health', 's-0001'])).value.raw;`,
      );
      assert.equal(health.by, 's-0001');
      assert.ok(Object.values(health.counters).every((value) => typeof value === 'number'));
      assert.ok(health.counters.opsDispatched > 0);
      assert.ok(Object.values(health.memory).every((value) => typeof value === 'number'));
      assert.equal(typeof health.load, 'number');
    }));

  test('a script shuts down gracefully, in an iteration and between two', () =>
    withAmid({}, async (amid) => {
      const script = `
        const feeds = ['north', 'south'];
        const letGo = () => logger.info('let go of', feeds.length);
        Deno.addSignalListener('SIGTERM', () => {
          logger.info('told to end');
          letGo();
          Deno.exit(0);
        });
        logger.info('at work');
      `;
      for (const rest of ['', 'while (true) await Stels.sleep(1000);']) {
        const from = amid.logMark();
        const sid = await amid.runWorker(script + rest, { priority: 'low' });
        await amid.waitLog(/at work/, { from });
        await amid.updateWorker(sid, { active: false });
        await amid.waitLog(/told to end/, { from });
        await amid.waitLog(/let go of 2/, { from });
        await amid.waitState(sid, 'inactive');
        assert.equal((await amid.stats(sid)).lastExit.code, 0);
      }
    }));

  test('a listener has the grace of a stop and no more', () =>
    withAmid({}, async (amid) => {
      const sid = await amid.runWorker(
        `Deno.addSignalListener('SIGTERM', () => { logger.info('asked'); setTimeout(() => logger.info('late'), 1e8); });
         logger.info('at work'); while (true) await Stels.sleep(1000);`,
      );
      await amid.waitLog(/at work/);
      await amid.freeze();
      await amid.updateWorker(sid, { active: false });
      await amid.waitLog(/asked/);
      assert.equal((await amid.view(sid)).state, 'stopping');
      await amid.advance(5000);
      await amid.waitState(sid, 'inactive');
      assert.equal((await amid.stats(sid)).lastExit.signal, 9);
    }));
});
