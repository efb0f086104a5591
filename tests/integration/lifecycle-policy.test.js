// Error classes, backoff, pauses and stop rules, under the virtual clock: what a failing worker does
// next is a function of its priority, the kind of its errors and the time, and nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Amid } from './harness.js';

const CRITICAL = `throw new Error('boom');`;
const NETWORK = `const e = new Error('gone'); e.name = 'NetworkError'; throw e;`;
const JITTER = 0.1;

let amid;
before(async () => {
  // Minutes pass at once here: no process could answer the watchdog in time.
  amid = await Amid.start({ env: { AMID_RUNNER_TURN_WALL_MS: '3600000' } });
  await amid.freeze();
});
after(() => amid.stop());

/** The next time the worker waits for another try, or gives up. */
function nextHalt(sid, from) {
  return amid.waitState(sid, ['backoff', 'paused', 'failed'], { from });
}

/** Lets the worker fail until it gives up; returns [{to, delayMs}] of every halt. */
async function failUntilStopped(sid, most) {
  const halts = [];
  let from = 0;
  while (halts.length < most) {
    const halt = await nextHalt(sid, from);
    halts.push(halt);
    if (halt.to === 'failed') break;
    from = amid.mark();
    await amid.advance(halt.delayMs);
  }
  return halts;
}

function assertDelay(halt, base, what) {
  assert.ok(
    halt.delayMs <= base && halt.delayMs >= Math.floor(base * (1 - JITTER)),
    `${what}: ${halt.delayMs} ms is not within 10 % below ${base}`,
  );
}

describe('critical errors', () => {
  for (const [priority, limit] of [
    ['low', 5],
    ['normal', 10],
    ['high', 20],
    ['critical', 50],
  ]) {
    test(`${priority}: 1, 2, 4, 8, 10, 10 … s, stopped after ${limit}`, async () => {
      const sid = await amid.runWorker(CRITICAL, { priority });
      const halts = await failUntilStopped(sid, limit);
      assert.equal(halts.length, limit);
      halts.slice(0, -1).forEach((halt, n) => {
        assert.equal(halt.to, 'backoff');
        assertDelay(halt, Math.min(1000 * 2 ** n, 10_000), `try ${n + 1}`);
      });
      assert.equal(halts.at(-1).to, 'failed');
      const view = await amid.view(sid);
      assert.equal(view.state, 'failed');
      assert.equal(view.value.raw.active, true, 'active is the owner’s wish and stays');
      const row = await amid.stats(sid);
      assert.deepEqual(
        [row.isRunning, row.consecutiveErrors, row.criticalErrors, row.lastError],
        [false, limit, limit, 'Error: boom (line 1)'],
      );
      assert.ok(row.stopReason.length > 0);
    });
  }
});

describe('network errors', () => {
  test('5 s × 1.5 up to 60 s, 5 minutes after 20 and 40, stopped after 50', async () => {
    const sid = await amid.runWorker(NETWORK);
    const halts = await failUntilStopped(sid, 50);
    assert.equal(halts.length, 50);
    halts.forEach((halt, index) => {
      const n = index + 1;
      if (n === 50) assert.equal(halt.to, 'failed');
      else if (n === 20 || n === 40) {
        assert.equal(halt.to, 'paused');
        assertDelay(halt, 300_000, `pause ${n}`);
      } else {
        assert.equal(halt.to, 'backoff', `try ${n}`);
        if (n < 20) assertDelay(halt, Math.min(5000 * 1.5 ** index, 60_000), `try ${n}`);
      }
    });
    const row = await amid.stats(sid);
    assert.deepEqual([row.networkErrors, row.lastErrorType], [50, 'network']);
  });

  for (const [name, thrown] of [
    ['RequestTimeout', `const e = new Error('x'); e.name = 'RequestTimeout'; throw e;`],
    ['RateLimitExceeded', `const e = new Error('x'); e.name = 'RateLimitExceeded'; throw e;`],
    ['InvalidAccessError', `const e = new Error('x'); e.name = 'InvalidAccessError'; throw e;`],
    ['AbortError', `const e = new Error('x'); e.name = 'AbortError'; throw e;`],
    ['ExchangeNotAvailable', `const e = new Error('x'); e.name = 'ExchangeNotAvailable'; throw e;`],
    [
      'an ancestor',
      `class NetworkError extends Error {} class DnsFailure extends NetworkError {} throw new DnsFailure('x');`,
    ],
    ['CloudFront', `throw new Error('blocked by CloudFront');`],
    ['403', `throw new Error('403 Forbidden');`],
    ['451', `throw new Error('451 Unavailable For Legal Reasons');`],
  ]) {
    test(`${name} counts as one`, async () => {
      const sid = await amid.runWorker(thrown);
      assertDelay(await nextHalt(sid, 0), 5000, name);
      assert.equal((await amid.stats(sid)).lastErrorType, 'network');
    });
  }

  for (const [name, thrown] of [
    ['TypeError', `null.x;`],
    ['ReferenceError', `nowhere();`],
    ['a thrown string', `throw 'text';`],
    ['a thrown null', `throw null;`],
    ['a message that only mentions 403', `throw new Error('order 403 is odd');`],
    ['an unhandled rejection', `Promise.reject(new Error('late')); await Stels.sleep(1e8);`],
    [
      'a throw in a timer',
      `setTimeout(() => { throw new Error('timer'); }, 1); await Stels.sleep(1e8);`,
    ],
  ]) {
    test(`${name} is critical`, async () => {
      const sid = await amid.runWorker(thrown);
      assertDelay(await nextHalt(sid, 0), 1000, name);
      assert.equal((await amid.stats(sid)).lastErrorType, 'critical');
    });
  }
});

describe('counters', () => {
  test('a successful iteration resets them', async () => {
    const sid = await amid.runWorker(`
      globalThis.n = (globalThis.n || 0) + 1;
      if (globalThis.n !== 4) throw new Error('try ' + globalThis.n);
    `);
    let from = 0;
    for (const base of [1000, 2000, 4000]) {
      const halt = await nextHalt(sid, from);
      assertDelay(halt, base, `before success`);
      from = amid.mark();
      await amid.advance(halt.delayMs);
    }
    const halt = await nextHalt(sid, from);
    assertDelay(halt, 1000, 'after success');
    const row = await amid.stats(sid);
    assert.deepEqual([row.executions, row.errors, row.consecutiveErrors], [5, 4, 1]);
  });

  test('an iteration that has run 60 s without an error resets them', async () => {
    const sid = await amid.runWorker(`
      globalThis.n = (globalThis.n || 0) + 1;
      if (globalThis.n < 3) throw new Error('early');
      logger.info('waiting-' + Stels.config.sid);
      while ((await Stels.local.get(['go'])).value === null) await Stels.sleep(5);
      throw new Error('late');
    `);
    let from = 0;
    for (const base of [1000, 2000]) {
      const halt = await nextHalt(sid, from);
      assertDelay(halt, base, 'before');
      from = amid.mark();
      await amid.advance(halt.delayMs);
    }
    await amid.waitLog(new RegExp(`waiting-${sid}`));
    from = amid.mark();
    await amid.advance(60_000);
    const helper = await amid.runWorker(`await Stels.local.set(['go'], 1);`, { mode: 'single' });
    await amid.waitState(helper, 'completed');
    assertDelay(await nextHalt(sid, from), 1000, 'after 60 s');
    assert.equal((await amid.stats(sid)).consecutiveErrors, 1);
  });

  test('InsufficientFunds is skipped: counted apart, no backoff', async () => {
    const sid = await amid.runWorker(`
      globalThis.n = (globalThis.n || 0) + 1;
      if (globalThis.n === 3) { logger.info('third-' + Stels.config.sid); await Stels.sleep(1e8); }
      const e = new Error('empty'); e.name = 'InsufficientFunds'; throw e;
    `);
    // The pause between iterations is a timer like any other: let time go on for this one.
    await amid.tell({ freeze: false });
    await amid.waitLog(new RegExp(`third-${sid}`));
    await amid.freeze();
    const row = await amid.stats(sid);
    assert.deepEqual([row.skippedErrors, row.errors, row.consecutiveErrors], [2, 0, 0]);
  });

  test('a failed worker stays failed until a new generation', async () => {
    const sid = await amid.runWorker(CRITICAL, { priority: 'low' });
    await failUntilStopped(sid, 5);
    const from = amid.mark();
    await amid.updateWorker(sid, { note: 'still failed' });
    assert.equal((await amid.view(sid)).state, 'failed');
    await amid.updateWorker(sid, { script: `logger.info('mended'); await Stels.sleep(1e8);` });
    await amid.waitState(sid, 'running', { from });
    assert.equal((await amid.stats(sid)).consecutiveErrors, 0);
  });
});
