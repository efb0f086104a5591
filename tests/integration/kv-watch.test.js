// watch and subscribe through the real daemon: the first state, every later one newest first, nothing missed at the end
// and nothing going backwards while others write, expiry, what keeps an iteration open, the stop, and the bounds.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Amid } from './harness.js';

let amid;
before(async () => {
  amid = await Amid.start({ env: { AMID_RUNNER_TURN_WALL_MS: '3600000' } });
});
after(() => amid.stop());

describe('watch', () => {
  test('gives the first state, then each change of any key, then ends', async () => {
    const result = await amid.evaluate(`
      const keys = [['w', 1], ['w', 2]];
      const watch = Stels.net.watch(keys);
      const seen = [];
      const raws = (entries) => entries.map((entry) => entry.value?.raw ?? null);
      const take = async () => { const { value } = await watch.next(); seen.push(raws(value)); return value; };
      const first = await take();
      await Stels.net.set(['w', 3], 'not watched');
      await Stels.net.set(['w', 1, 'below'], 'not watched');
      await Stels.net.atomic().set(['w', 1], 1).set(['w', 2], 2).commit();
      const both = await take();
      await Stels.net.set(['w', 1], 3);
      await Stels.net.set(['w', 1], 4);
      await Stels.net.delete(['w', 2]);
      await take();
      await Stels.net.set(['w', 2], { at: new Date(5) });
      const dated = await take();
      const rest = [await watch.return('over'), await watch.next()];
      return { first, seen: seen.slice(0, 3), same: both[0].versionstamp === both[1].versionstamp,
               date: +dated[1].value.raw.at, timestamps: typeof dated[1].timestamp, rest };
    `);
    assert.deepEqual(result, {
      first: [
        { key: ['w', 1], value: null, versionstamp: null },
        { key: ['w', 2], value: null, versionstamp: null },
      ],
      seen: [
        [null, null],
        [1, 2],
        [4, null],
      ],
      same: true,
      date: 5,
      timestamps: 'number',
      rest: [{ value: 'over', done: true }, { done: true }],
    });
  });

  test('works with for await, Array.fromAsync and as a reader', async () => {
    const result = await amid.evaluate(`
      const seen = [];
      setTimeout(async () => { for (let i = 1; i <= 5; i++) await Stels.local.set(['f'], i); }, 1);
      for await (const [entry] of Stels.local.watch([['f']])) {
        seen.push(entry.value?.raw ?? 0);
        if (seen.at(-1) === 5) break;
      }
      const reader = Stels.local.watch([['f']]).getReader();
      const read = await reader.read();
      const pending = reader.read();
      await reader.cancel();
      const none = await Array.fromAsync(Stels.local.watch([]));
      return { rising: seen.every((n, i) => i === 0 || n > seen[i - 1]), last: seen.at(-1),
               read: read.value[0].value.raw, after: await pending, none };
    `);
    assert.deepEqual(result, { rising: true, last: 5, read: 5, after: { done: true }, none: [] });
  });

  test('never misses the last state and never goes backwards while others write', async () => {
    const WRITERS = 3;
    const WRITES = 300;
    const from = amid.logMark();
    const watcher = await amid.runWorker(
      `const keys = Array.from({ length: 5 }, (_, i) => ['race', i]);
       const last = keys.map(() => '');
       let wakes = 0;
       for await (const entries of Stels.net.watch([...keys, ['race', 'done']])) {
         wakes++;
         entries.slice(0, 5).forEach((entry, i) => {
           if ((entry.versionstamp ?? '') < last[i] && entry.versionstamp !== null) throw new Error('backwards');
           last[i] = entry.versionstamp ?? last[i];
         });
         if (wakes === 1) logger.info('race watched');
         if (entries[5].value?.raw === ${WRITERS}) {
           const now = await Stels.net.getMany(keys);
           const same = now.every((entry, i) => entry.versionstamp === entries[i].versionstamp);
           logger.info('race over ' + same + ' ' + (wakes > 1));
           break;
         }
       }`,
      { mode: 'single' },
    );
    await amid.waitLog(/race watched/, { from });
    await Promise.all(
      Array.from({ length: WRITERS }, () =>
        amid.evaluate(`
          for (let n = 0; n < ${WRITES}; n++) {
            const key = ['race', n % 5];
            if (n % 7 === 3) await Stels.net.delete(key);
            else if (n % 2) await Stels.net.set(key, n);
            else await Stels.net.atomic().set(key, n).set(['race', (n + 1) % 5], n).commit();
          }
          await Stels.net.atomic().sum(['race', 'done'], 1).commit();
        `),
      ),
    );
    const line = await amid.waitLog(/race over/, { from });
    assert.match(line, /race over true true/);
    await amid.waitState(watcher, 'completed');
  });

  test('tells of an expiry', async () => {
    const own = await Amid.start({ env: { AMID_RUNNER_TURN_WALL_MS: '3600000' } });
    const from = own.logMark();
    await own.runWorker(
      `await Stels.net.set(['soon'], 1, { expireIn: 60000 });
       for await (const [entry] of Stels.net.watch([['soon']])) {
         logger.info('saw ' + (entry.value === null ? 'nothing' : entry.value.raw));
         if (entry.value === null) break;
       }`,
      { mode: 'single' },
    );
    await own.waitLog(/saw 1/, { from });
    await own.advance(61_000);
    await own.waitLog(/saw nothing/, { from });
    await own.stop();
  });

  test('is bounded, refused where reading is, and closed with its iteration', async () => {
    const result = await amid.evaluate(`
      const errors = [];
      const attempt = async (act) => {
        try { await act(); errors.push('passed'); } catch (error) { errors.push(error.name + ': ' + error.message); }
      };
      await attempt(() => Stels.net.watch(Array.from({ length: 11 }, (_, i) => ['k', i])));
      await attempt(() => Stels.net.watch([['k'], []]));
      await attempt(() => Stels.net.watch('k'));
      await attempt(() => Stels.net.watch([['ami', 'worker', 'x']]).next());
      await attempt(() => Stels.net.watch([['leader', 'info', 'x']]).next());
      const watches = Array.from({ length: 70 }, () => Stels.net.watch([['k']]));
      const outcomes = await Promise.allSettled(watches.map((watch) => watch.next()));
      const full = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => outcome.reason.message);
      await Promise.all(watches.map((watch) => watch.return()));
      await attempt(() => Stels.net.watch([['k']]).next());
      return { errors, full: full.length, message: full[0] };
    `);
    assert.deepEqual(result.errors, [
      'TypeError: Too many keys (max 10)',
      'TypeError: A key has at least one part',
      'TypeError: A key is an array of strings, numbers, booleans or bytes',
      'PermissionDenied: keys that begin with "ami" or "leader" belong to amid',
      'passed',
      'passed',
    ]);
    assert.equal(result.full, 7);
    assert.equal(result.message, 'at most 64 watches and subscriptions at a time');
    // A loop that leaves its watches open would soon have none left.
    const from = amid.logMark();
    const sid = await amid.runWorker(
      `globalThis.runs = (globalThis.runs ?? 0) + 1;
       for (let i = 0; i < 40; i++) await Stels.net.watch([['k', i]]).next();
       if (globalThis.runs === 4) { logger.info('four runs'); await new Promise(() => setTimeout(() => {}, 1e6)); }`,
      { priority: 'critical' },
    );
    await amid.waitLog(/four runs/, { from });
    await amid.call('deleteWorker', { sid });
  });
});

describe('subscribe', () => {
  test('calls the listeners with the record of what is written from then on', async () => {
    const result = await amid.evaluate(`
      const channel = ['worker', 'messages', 'A'];
      await Stels.net.set(channel, { message: 'old' });
      const sub = await Stels.net.subscribe(channel);
      const seen = [];
      const gone = [];
      const listener = (data) => seen.push(data);
      sub.on('update', listener).on('delete', (data) => gone.push(data));
      const until = async (list, count) => { while (list.length < count) await Stels.sleep(1); };
      await Stels.net.set(channel, { message: 'one' });
      await until(seen, 1);
      await Stels.net.delete(channel);
      await until(gone, 1);
      await Stels.net.set(channel, 2);
      await until(seen, 2);
      sub.off('update', listener);
      let last;
      const lastOne = new Promise((resolve) => sub.on('update', resolve));
      await Stels.net.set(channel, 3);
      last = await lastOne;
      sub.close();
      sub.close();
      await Stels.net.set(channel, 4);
      const errors = [];
      for (const act of [() => sub.on('message', listener), () => sub.on('update', 1)]) {
        try { act(); } catch (error) { errors.push(error.name); }
      }
      for (const bad of ['x', [], ['ami', 'x']]) {
        try { await Stels.net.subscribe(bad); } catch (error) { errors.push(error.name); }
      }
      return { seen, gone, last: last.raw, channel: sub.channel, errors };
    `);
    assert.deepEqual(
      result.seen.map((data) => data.raw),
      [{ message: 'one' }, 2],
    );
    const { channel, module, key, timestamp, versionstamp } = result.seen[0];
    assert.deepEqual(
      [channel, module, key, typeof timestamp, versionstamp.length],
      ['worker.messages.A', 'worker', ['worker', 'messages', 'A'], 'number', 20],
    );
    assert.deepEqual([result.gone.length, result.gone[0].raw, result.last], [1, null, 3]);
    assert.deepEqual(result.errors, [
      'TypeError',
      'TypeError',
      'TypeError',
      'TypeError',
      'PermissionDenied',
    ]);
  });

  test('keeps the iteration open, carries errors of listeners and is over with the stop', async () => {
    const from = amid.logMark();
    const sid = await amid.runWorker(
      `globalThis.runs = (globalThis.runs ?? 0) + 1;
       const sub = await Stels.net.subscribe(['feed']);
       sub.on('update', (data) => {
         logger.info('run ' + globalThis.runs + ' heard ' + data.raw);
         if (data.raw === 'bad') throw new Error('listener failed');
       });
       logger.info('subscribed ' + globalThis.runs);`,
      { priority: 'critical' },
    );
    const write = (text) => amid.evaluate(`await Stels.net.set(['feed'], '${text}');`);
    await amid.waitLog(/subscribed 1/, { from });
    await write('a');
    await amid.waitLog(/run 1 heard a/, { from });
    await write('bad');
    const error = await amid.waitState(sid, 'backoff');
    assert.ok(error);
    await amid.advance(2_000);
    await amid.waitLog(/subscribed 2/, { from });
    await write('b');
    await amid.waitLog(/run 2 heard b/, { from });
    assert.equal((await amid.stats(sid)).lastError, 'Error: listener failed (line 5)');
    const stopped = amid.mark();
    await amid.updateWorker(sid, { active: false });
    await amid.waitState(sid, 'inactive', { from: stopped });
    // It ended by itself, not by being killed after its time.
    assert.equal(
      amid.log.items
        .slice(from)
        .find((line) => line.includes(sid.slice(0, 8)) && /killed/.test(line)),
      undefined,
    );
  });

  test('a watch that waits ends with the stop like a sleep', async () => {
    const from = amid.logMark();
    const sid = await amid.runWorker(
      `try {
         for await (const [entry] of Stels.net.watch([['quiet']])) logger.info('watching quietly');
       } catch (error) {
         logger.info('ended by ' + error.name);
       }`,
    );
    await amid.waitLog(/watching quietly/, { from });
    const stopped = amid.mark();
    await amid.updateWorker(sid, { active: false });
    await amid.waitState(sid, 'inactive', { from: stopped });
    await amid.waitLog(/ended by AbortError/, { from });
  });
});
