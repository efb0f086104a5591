// The parts of Deno that a worker has: leaving with Deno.exit (RULES 18), SIGTERM listeners within the grace of a stop,
// the guide's health check and graceful shutdown as they are printed there, and what the node tells of itself.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Amid } from './harness.js';

/** Runs the body against a fresh amid, which must stop cleanly afterwards. */
async function withAmid(options, body) {
  const amid = await Amid.start(options);
  try {
    await body(amid);
  } catch (error) {
    await amid.kill();
    throw error;
  }
  await amid.stop();
}

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
