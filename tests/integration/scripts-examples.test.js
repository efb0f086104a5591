// Whole scripts as owners write them (fixtures/), run unmodified on a filled store: monitors that
// never end, state that survives a restart, a publisher, an iterated and a single one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { Amid, ROOT } from './harness.js';

function fixture(name) {
  return readFileSync(path.join(ROOT, 'tests/integration/fixtures', `${name}.js`), 'utf8');
}

let amid;
before(async () => {
  amid = await Amid.start();
  await amid.evaluate(`
    const quotes = { 'AAA/USD': 120, 'BBB/USD': 7.25, 'CCC/USD': 0.001 };
    for (const [pair, last] of Object.entries(quotes)) {
      await Stels.net.set(['ticker', pair], { last, volume: last * 1000 });
    }
    const venues = { north: 100, south: 131, west: 118 };
    for (const [venue, last] of Object.entries(venues)) {
      await Stels.net.set(['ticker', 'AAA/USD.' + venue], { last });
    }
    await Stels.net.set(['account', 'balance', Stels.config.nid], { USD: 40 });
    await Stels.net.set(['old', 'table'], [{ id: 'a', n: 1 }, { id: 'b', n: 2 }]);
  `);
});
after(() => amid.stop());

test('a monitor in parallel mode goes round and round', async () => {
  const sid = await amid.runWorker(fixture('market'), { executionMode: 'parallel' });
  await amid.waitLog(/Quote collector runs on s-0001/);
  await amid.waitLog(/round 3 done/);
  const raw = await amid.evaluate(
    `return (await Stels.net.get(['collected', 'BBB/USD'])).value.raw;`,
  );
  assert.deepEqual({ ...raw, at: 0 }, { last: 7.25, volume: 7250, by: 's-0001', at: 0 });
  const row = await amid.stats(sid);
  assert.deepEqual([row.executions, row.errors], [0, 0]);
  assert.ok(row.ticks >= 2, 'a worker that never ends shows its progress in ticks');
});

test('a monitor in leader mode warns', async () => {
  await amid.runWorker(fixture('balance'), { executionMode: 'leader' });
  await amid.waitLog(/Account is low: \$40/);
  const raw = await amid.evaluate(`return (await Stels.net.get(['alerts', 'account'])).value.raw;`);
  assert.deepEqual([raw.level, raw.held, raw.least], ['warning', 40, 250]);
});

test('a finder compares venues', async () => {
  await amid.runWorker(fixture('arbitrage'), { priority: 'high' });
  await amid.waitLog(/Gap: from north @ 100 to south @ 131/);
  const raw = await amid.evaluate(`
    for await (const entry of Stels.net.list({ prefix: ['gaps'] })) return entry.value.raw;
  `);
  assert.deepEqual([raw.from, raw.to, raw.gap, raw.percent], ['north', 'south', 31, 31]);
});

test('state persists across restarts of the worker', async () => {
  const sid = await amid.runWorker(fixture('state'));
  await amid.waitLog(/memory now 1/);
  for (const n of [2, 3]) {
    assert.equal((await amid.call('restartWorker', { sid })).status, 200);
    await amid.waitLog(new RegExp(`memory now ${n}`));
  }
  await amid.waitLog(/Memory restored: \{"starts":2,"list":\[0,1\]\}/);
});

test('a publisher leaves notes that another worker reads', async () => {
  await amid.runWorker(fixture('publisher'));
  await amid.waitLog(/note left/);
  const values = await amid.evaluate(`
    return [(await Stels.net.get(['notes', 'first'])).value, (await Stels.net.get(['notes', 'orders'])).value];
  `);
  assert.equal(values[0].raw.text, 'Read me, reader');
  assert.deepEqual([values[1].raw, values[1].module], [{ side: 'sell', size: 2 }, 'notes']);
});

test('an iterated script handles its own errors', async () => {
  const sid = await amid.runWorker(fixture('loop'));
  const from = amid.logMark();
  await amid.waitLog(/work failed:.*RangeError: too dear/, { from });
  await amid.waitLog(/price is 120/, { from });
  const row = await amid.stats(sid);
  assert.equal(row.errors, 0);
});

test('a single script runs once and completes', async () => {
  const sid = await amid.runWorker(fixture('single'), { mode: 'single' });
  await amid.waitState(sid, 'completed');
  const raw = await amid.evaluate(`return (await Stels.net.get(['new', 'table'])).value.raw;`);
  assert.deepEqual(raw, { a: { n: 1, moved: true }, b: { n: 2, moved: true } });
  assert.equal((await amid.stats(sid)).executions, 1);
});

test('an aggregator makes one value of what several nodes report', async () => {
  await amid.evaluate(`
    for (const [venue, last, age] of [['north', 10, 0], ['south', 14, 0], ['west', 11, 0], ['old', 99, 3600000]]) {
      await Stels.net.set(['market', 'AAA/USD', venue], { last, at: Date.now() - age });
    }
  `);
  await amid.runWorker(fixture('aggregator'), { executionMode: 'leader', priority: 'high' });
  await amid.waitLog(/AAA\/USD 11.00 from 3 of 4 sources/);
  const value = await amid.evaluate(
    `return (await Stels.net.get(['aggregate', 'AAA/USD'])).value;`,
  );
  assert.deepEqual(value.raw, { middle: 11, low: 10, high: 14, sources: 3 });
  assert.deepEqual([value.channel, value.module], ['aggregate.AAA/USD', 'aggregate']);
});

test('a cleanup removes what is old, and what it writes itself expires', async () => {
  await amid.evaluate(`
    const at = [Stels.config.network, 'log', Stels.config.nid];
    await Stels.local.set([...at, Date.now() - 2 * 86400000], { text: 'old' });
    await Stels.local.set([...at, Date.now() - 1000], { text: 'young' });
  `);
  await amid.runWorker(fixture('cleanup'), { mode: 'single', priority: 'low' });
  await amid.waitLog(/Cleanup: 1 removed, 1 kept/);
});

test('a backup copies one space into the other', async () => {
  const sid = await amid.runWorker(fixture('backup'), { mode: 'single' });
  await amid.waitLog(/Backup done.*"entries":4/);
  await amid.waitState(sid, 'completed');
  const raws = await amid.evaluate(`
    const copies = await Array.fromAsync(Stels.local.list({ prefix: ['backup'] }));
    return copies.map((entry) => [entry.key.slice(2), entry.value.raw.last]);
  `);
  assert.deepEqual(raws, [
    [['market', 'AAA/USD', 'north'], 10],
    [['market', 'AAA/USD', 'old'], 99],
    [['market', 'AAA/USD', 'south'], 14],
    [['market', 'AAA/USD', 'west'], 11],
  ]);
});

test('a subscriber hears of every change and stops when told', async () => {
  const sid = await amid.runWorker(fixture('reader'));
  await amid.waitLog(/reader listens/);
  for (const n of [1, 2]) {
    const from = amid.logMark();
    await amid.evaluate(`await Stels.net.set(['notes', 'second'], { text: 'note ${n}' });`);
    await amid.waitLog(new RegExp(`heard \\d: note ${n}`), { from });
  }
  assert.equal((await amid.stats(sid)).executions, 0, 'an open subscription keeps its iteration');
  const from = amid.logMark();
  assert.equal((await amid.api('POST', `/api/workers/${sid}/stop`)).status, 200);
  await amid.waitState(sid, 'inactive');
  await amid.waitLog(/Stopped/, { from });
});
