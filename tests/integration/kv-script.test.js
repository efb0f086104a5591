// Stels.net and Stels.local as a script sees them: entries, order, listing, expiry, limits, the
// reserved prefixes, and that what was acknowledged is there after a restart.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { Amid, makeStateFolder } from './harness.js';

const state = makeStateFolder();
let amid;
before(async () => {
  amid = await Amid.start({ state });
});
after(async () => {
  await amid.stop();
  rmSync(state, { recursive: true });
});

for (const space of ['net', 'local']) {
  describe(`Stels.${space}`, () => {
    test('set, get and delete a channel record', async () => {
      const result = await amid.evaluate(`
        const before = Date.now();
        const missing = await Stels.${space}.get(['t', 'absent']);
        const set = await Stels.${space}.set(['t', 'price', 7], { last: 1.5, deep: [null, true] });
        const got = await Stels.${space}.get(['t', 'price', 7]);
        await Stels.${space}.delete(['t', 'price', 7]);
        const gone = await Stels.${space}.get(['t', 'price', 7]);
        return { missing, set, got, gone, fresh: got.timestamp >= before };
      `);
      const nothing = { key: ['t', 'absent'], value: null, versionstamp: null };
      assert.deepEqual(result.missing, nothing);
      assert.deepEqual(result.gone, { ...nothing, key: ['t', 'price', 7] });
      assert.match(result.got.versionstamp, /^[0-9a-f]{20}$/);
      assert.equal(result.set.versionstamp, result.got.versionstamp);
      assert.deepEqual(result.got.key, ['t', 'price', 7]);
      assert.deepEqual(result.got.value.raw, { last: 1.5, deep: [null, true] });
      assert.equal(result.got.value.channel, 't.price.7');
      assert.equal(result.fresh, true);
    });

    test('lists by prefix, range, limit and in reverse, in the order of keys', async () => {
      const result = await amid.evaluate(`
        const keys = [['o', 10], ['o', 9], ['o', 'a'], ['o', 'b', 'c'], ['o', true], ['o', false], ['other']];
        for (const key of keys) await Stels.${space}.set(key, 0);
        const collect = async (selector, options) => {
          const found = [];
          for await (const entry of Stels.${space}.list(selector, options)) found.push(entry.key.slice(1));
          return found;
        };
        return {
          all: await collect({ prefix: ['o'] }),
          reverse: await collect({ prefix: ['o'] }, { reverse: true }),
          limited: await collect({ prefix: ['o'] }, { limit: 2 }),
          range: await collect({ start: ['o', 'b'], end: ['o', 10] }),
        };
      `);
      const all = [['a'], ['b', 'c'], [9], [10], [false], [true]];
      assert.deepEqual(result.all, all);
      assert.deepEqual(result.reverse, [...all].reverse());
      assert.deepEqual(result.limited, all.slice(0, 2));
      assert.deepEqual(result.range, [['b', 'c'], [9]]);
    });

    test('lists more entries than one page holds', async () => {
      const count = await amid.evaluate(`
        for (let from = 0; from < 1203; from += 401) {
          await Promise.all(Array.from({ length: 401 }, (_, n) => Stels.${space}.set(['many', from + n], from + n)));
        }
        let count = 0;
        for await (const entry of Stels.${space}.list({ prefix: ['many'] })) {
          if (entry.value.raw !== count) throw new Error('out of order at ' + count);
          count++;
        }
        return count;
      `);
      assert.equal(count, 1203);
    });

    test('keeps the reserved prefixes to amid', async () => {
      const result = await amid.evaluate(`
        const names = [];
        for (const act of [
          () => Stels.${space}.get(['ami', 'worker', Stels.config.sid]),
          () => Stels.${space}.set(['ami', 'x'], 1),
          () => Stels.${space}.delete(['ami', 'worker', Stels.config.sid]),
          () => Stels.${space}.set(['leader', 'info', 'x'], 1),
          async () => { for await (const entry of Stels.${space}.list({ prefix: ['ami'] })) entry; },
          async () => { for await (const entry of Stels.${space}.list({ prefix: [] })) if (entry.key[0] === 'ami') throw new Error('leaked'); return 'fine'; },
        ]) {
          try { names.push('passed ' + await act()); } catch (error) { names.push(error.name); }
        }
        return names;
      `);
      assert.deepEqual(result.slice(0, 5), Array(5).fill('PermissionDenied'));
      assert.ok(['PermissionDenied', 'passed fine'].includes(result[5]), result[5]);
    });

    test('refuses keys and values beyond the limits, and goes on', async () => {
      const result = await amid.evaluate(`
        const names = [];
        for (const act of [
          () => Stels.${space}.set(['big'], 'x'.repeat(70000)),
          () => Stels.${space}.set(['k'.repeat(3000)], 1),
          () => Stels.${space}.set([{}], 1),
          () => Stels.${space}.set([NaN], 1),
          () => Stels.${space}.get('not a list'),
          () => Stels.${space}.set(['fine'], 'x'.repeat(60000)),
        ]) {
          try { await act(); names.push('passed'); } catch (error) { names.push(error instanceof Error); }
        }
        return names;
      `);
      assert.deepEqual(result, [true, true, true, true, true, 'passed']);
    });
  });
}

test('the two spaces do not see each other', async () => {
  const result = await amid.evaluate(`
    await Stels.local.set(['which'], 'local');
    const net = await Stels.net.get(['which']);
    return net.value;
  `);
  assert.equal(result, null);
});

test('an entry with expireIn is gone after its time', async () => {
  const own = await Amid.start({ env: { AMID_RUNNER_TURN_WALL_MS: '3600000' } });
  await own.evaluate(`await Stels.net.set(['soon'], 1, { expireIn: 3600000 });`);
  await own.advance(1_800_000);
  const still = await own.evaluate(`return (await Stels.net.get(['soon'])).value !== null;`);
  await own.advance(1_800_001);
  const gone = await own.evaluate(`return (await Stels.net.get(['soon'])).value;`);
  assert.deepEqual([still, gone], [true, null]);
  await own.stop();
});

test('what was acknowledged is there after a restart', async () => {
  await amid.evaluate(`
    await Stels.net.set(['keep', 'net'], { n: 1 });
    await Stels.local.set(['keep', 'local'], { n: 2 });
  `);
  await amid.stop({ keepState: true });
  amid = await Amid.start({ state });
  const result = await amid.evaluate(`
    return [(await Stels.net.get(['keep', 'net'])).value.raw.n, (await Stels.local.get(['keep', 'local'])).value.raw.n];
  `);
  assert.deepEqual(result, [1, 2]);
});

test('Stels.webfix writes a channel record', async () => {
  const result = await amid.evaluate(`
    await Stels.webfix({
      brain: Stels.net, method: 'set', channel: ['desk', 'orders'], module: 'desk',
      raw: { side: 'buy' }, timestamp: Date.now(),
    });
    return (await Stels.net.get(['desk', 'orders'])).value;
  `);
  assert.deepEqual(
    [result.raw, result.module, result.channel],
    [{ side: 'buy' }, 'desk', 'desk.orders'],
  );
});
