// Stels.net and Stels.local against Deno.Kv's rules (what Deno answers was taken from Deno itself): what values come
// back as, atomic operations and their numbers, several keys at once, lists with every option, and the errors' words.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Amid } from './harness.js';

let amid;
before(async () => {
  amid = await Amid.start();
});
after(() => amid.stop());

/** Runs acts of a script and returns for each its result as JSON or its error as `name: message`. */
async function outcomes(acts, preparation = '') {
  return amid.evaluate(`
    ${preparation}
    const results = [];
    for (const act of [${acts.map((act) => `async () => (${act})`).join(',\n')}]) {
      try {
        const result = await act();
        results.push(result === undefined ? 'undefined' : result);
      } catch (error) {
        results.push(error.name + ': ' + error.message);
      }
    }
    return results;
  `);
}

async function expectAll(cases, preparation) {
  const results = await outcomes(Object.keys(cases), preparation);
  Object.entries(cases).forEach(([act, expected], i) => {
    if (expected instanceof RegExp) assert.match(String(results[i]), expected, act);
    else assert.deepEqual(results[i], expected, act);
  });
}

describe('values', () => {
  test('come back as they were, dates and bytes at any depth included', async () => {
    const result = await amid.evaluate(`
      const at = new Date(1700000000123);
      const bytes = new Uint8Array([0, 1, 254, 255]);
      const value = {
        at, bytes, list: [at, { deep: [bytes, new Uint8Array(0)] }], nothing: undefined, f() {}, none: null,
        text: '\\u0000\\ud800 "x"', odd: [undefined, 1], map: { __proto__x: 1 },
      };
      await Stels.net.set(['v', 1], value);
      const back = (await Stels.net.get(['v', 1])).value.raw;
      await Stels.net.set(['v', 2], at);
      await Stels.net.set(['v', 3], bytes);
      await Stels.net.set(['v', 4], new Date(NaN));
      const rows = await Array.fromAsync(Stels.net.list({ start: ['v', 2], end: ['v', 5] }));
      const many = await Stels.net.getMany([['v', 2], ['v', 3]]);
      return {
        kinds: [back.at instanceof Date, back.bytes instanceof Uint8Array, back.list[1].deep[0].constructor.name],
        same: [+back.at === +at, back.bytes.join(), +back.list[0] === +at, back.list[1].deep[0].join(),
               back.list[1].deep[1].length, back.bytes.map((b) => b + 1).join()],
        keys: Object.keys(back),
        odd: back.odd, text: back.text === value.text,
        rows: [+rows[0].value.raw === +at, rows[1].value.raw.join(), String(rows[2].value.raw)],
        many: [many[0].value.raw.toISOString(), many[1].value.raw.join()],
      };
    `);
    assert.deepEqual(result, {
      kinds: [true, true, 'Uint8Array'],
      same: [true, '0,1,254,255', true, '0,1,254,255', 0, '1,2,255,0'],
      keys: ['at', 'bytes', 'list', 'none', 'text', 'odd', 'map'],
      odd: [null, 1],
      text: true,
      rows: [true, '0,1,254,255', 'Invalid Date'],
      many: ['2023-11-14T22:13:20.123Z', '0,1,254,255'],
    });
  });

  test('that look like a tag are not taken for one', async () => {
    const values = [
      { $date: '2023-11-14T22:13:20.123Z' },
      { $bytes: 'AAEC' },
      { $$date: 1 },
      { $$$bytes: null },
      { $date: { $date: { $bytes: 1 } } },
      { $date: 'x', other: 1 },
      { $other: 1 },
      [{ $bytes: '!' }],
      { 'a"$': '{"$date":"2023-11-14T22:13:20.123Z"}' },
    ];
    const result = await amid.evaluate(`
      const values = ${JSON.stringify(values)};
      await Promise.all(values.map((value, i) => Stels.local.set(['tag', i], value)));
      return (await Array.fromAsync(Stels.local.list({ prefix: ['tag'] }))).map((entry) => entry.value.raw);
    `);
    assert.deepEqual(result, values);
  });

  test('that are none are refused by name', async () => {
    const set = (text) => `Stels.net.set(['bad'], ${text})`;
    await expectAll({
      [set('new Map([[1, 2]])')]:
        'TypeError: A value must be JSON, a Date or a Uint8Array: Map is not',
      [set('{ a: new Set() }')]:
        'TypeError: A value must be JSON, a Date or a Uint8Array: Set is not',
      [set('[/x/]')]: 'TypeError: A value must be JSON, a Date or a Uint8Array: RegExp is not',
      [set('new Float64Array(2)')]:
        'TypeError: A value must be JSON, a Date or a Uint8Array: Float64Array is not',
      [set('() => 1')]:
        'TypeError: A value must be JSON, a Date or a Uint8Array: a function is not',
      [set('(() => { const a = []; a.push(a); return a; })()')]:
        'TypeError: A value is nested too deeply, or contains itself',
      [set('Array.from({ length: 40 }).reduce((inner) => [inner], 1)')]:
        'TypeError: A value is nested too deeply, or contains itself',
      [set("'x'.repeat(65536)")]: 'TypeError: Value too large (max 65536 bytes)',
      [set('new Uint8Array(50000)')]: 'TypeError: Value too large (max 65536 bytes)',
      [`Stels.net.set(['fine'], 'x'.repeat(65000)).then((result) => result.ok)`]: true,
      [`Stels.net.set(['u'], undefined).then(async () => (await Stels.net.get(['u'])).value.raw)`]:
        null,
    });
  });
});

describe('keys', () => {
  test('sort as Deno sorts them, and are refused with a reason', async () => {
    const order = await amid.evaluate(`
      const parts = [true, false, -1, 0, 1e-9, 1.5, Infinity, -Infinity, '', 'a', 'a\\0', 'ab', 'é', '😀',
                     new Uint8Array([]), new Uint8Array([0]), new Uint8Array([0, 1]), new Uint8Array([255])];
      await Promise.all(parts.map((part, i) => Stels.net.set(['order', part], i)));
      return (await Array.fromAsync(Stels.net.list({ prefix: ['order'] }))).map((entry) => entry.value.raw);
    `);
    assert.deepEqual(order, [14, 15, 16, 17, 8, 9, 10, 11, 12, 13, 7, 2, 3, 4, 5, 6, 1, 0]);
    await expectAll({
      "Stels.net.get('a')": /^TypeError: A key is an array/,
      'Stels.net.set([], 1)': 'TypeError: A key has at least one part',
      'Stels.net.set([{}], 1)':
        'TypeError: key part 0 is not a well-formed string, number, boolean or Uint8Array',
      'Stels.net.get([NaN])':
        'TypeError: key part 0 is not a well-formed string, number, boolean or Uint8Array',
      "Stels.net.delete(['a', null])":
        'TypeError: key part 1 is not a well-formed string, number, boolean or Uint8Array',
      "Stels.net.set(['k'.repeat(2047)], 1)": 'TypeError: the key is longer than 2048 bytes',
      "Stels.net.set(['k'.repeat(2046)], 1).then((result) => result.ok)": true,
    });
  });
});

describe('set', () => {
  test('takes expireIn as Deno does', async () => {
    const set = (expireIn) => `Stels.net.set(['e'], 1, { expireIn: ${expireIn} })`;
    await expectAll({
      [set('-1')]: 'TypeError: expireIn must be a non-negative integer: received -1',
      [set("'10'")]: 'TypeError: expireIn must be a non-negative integer: received 10',
      [set('NaN')]: 'TypeError: expireIn must be a non-negative integer: received NaN',
      [set('1e15')]: 'TypeError: expireIn is longer than a century',
      [`${set('60000')}.then((result) => result.ok)`]: true,
      [`${set('undefined')}.then((result) => result.ok)`]: true,
      [`Stels.net.delete(['e'])`]: 'undefined',
    });
  });
});

describe('getMany', () => {
  test('reads as of one moment, at most ten', async () => {
    await expectAll(
      {
        "Stels.net.getMany([['m', 2], ['m', 0], ['m', 1]]).then((all) => all.map((e) => e.value?.raw ?? null))":
          [null, 0, 1],
        "Stels.net.getMany([['m', 9]])": [{ key: ['m', 9], value: null, versionstamp: null }],
        'Stels.net.getMany([])': [],
        "Stels.net.getMany(Array.from({ length: 11 }, (_, i) => ['m', i]))":
          'TypeError: Too many keys (max 10)',
        "Stels.net.getMany([['ami', 'worker', 'x']])":
          'PermissionDenied: keys that begin with "ami" or "leader" belong to amid',
        "Stels.net.getMany([['leader', 'info', 'x']]).then((all) => all.length)": 1,
        "Stels.net.getMany(['m'])": /^TypeError: A key is an array/,
      },
      "await Stels.net.set(['m', 0], 0); await Stels.net.set(['m', 1], 1);",
    );
    const torn = await amid.evaluate(`
      await Stels.local.atomic().set(['pair', 'a'], 0).set(['pair', 'b'], 0).commit();
      let torn = 0;
      let writing = true;
      const writer = (async () => {
        for (let i = 1; i <= 200; i++) {
          await Stels.local.atomic().set(['pair', 'a'], i).set(['pair', 'b'], i).commit();
        }
        writing = false;
      })();
      while (writing) {
        const [a, b] = await Stels.local.getMany([['pair', 'a'], ['pair', 'b']]);
        if (a.value.raw !== b.value.raw || a.versionstamp !== b.versionstamp) torn++;
      }
      await writer;
      return torn;
    `);
    assert.equal(torn, 0);
  });
});

describe('list', () => {
  const PREPARE = `
    for (const key of [['l'], ['l', 'a'], ['l', 'b'], ['l', 'b', 1], ['l', 'c'], ['m']]) await Stels.local.set(key, 1);
    const names = async (selector, options) =>
      (await Array.fromAsync(Stels.local.list(selector, options))).map((entry) => entry.key.slice(1).join('.'));
  `;

  test('takes the selectors that Deno takes, and no others', async () => {
    await expectAll(
      {
        "names({ prefix: ['l'] })": ['a', 'b', 'b.1', 'c'],
        "names({ prefix: ['l'], start: ['l', 'b'] })": ['b', 'b.1', 'c'],
        "names({ prefix: ['l'], end: ['l', 'b', 1] })": ['a', 'b'],
        "names({ start: ['l'], end: ['l', 'b'] })": ['', 'a'],
        "names({ start: ['l', 'b'], end: ['l', 'b'] })": [],
        "names({ prefix: ['l', 'b'] })": ['b.1'],
        'names({})':
          "TypeError: Selector must specify either 'prefix' or both 'start' and 'end' key",
        "names({ start: ['a'] })":
          "TypeError: Selector must specify either 'prefix' or both 'start' and 'end' key",
        "names({ prefix: ['l'], start: ['l', 'a'], end: ['l', 'b'] })":
          "TypeError: Selector can not specify both 'start' and 'end' key when specifying 'prefix'",
        "names({ prefix: ['l'], start: ['m', 'a'] })":
          'TypeError: Start key is not in the keyspace defined by prefix',
        "names({ prefix: ['l'], start: ['l'] })":
          'TypeError: Start key is not in the keyspace defined by prefix',
        "names({ prefix: ['l'], end: ['k'] })":
          'TypeError: End key is not in the keyspace defined by prefix',
        "names({ start: ['b'], end: ['a'] })": 'TypeError: Start key is greater than end key',
        "names({ prefix: 'l' })": 'TypeError: prefix must be an array',
        'names(null)': /^TypeError: list takes a selector/,
      },
      PREPARE,
    );
  });

  test('takes the options that Deno takes', async () => {
    await expectAll(
      {
        "names({ prefix: ['l'] }, { reverse: true, limit: 3, batchSize: 1 })": ['c', 'b.1', 'b'],
        "names({ prefix: ['l'] }, { batchSize: 2, consistency: 'eventual' })": [
          'a',
          'b',
          'b.1',
          'c',
        ],
        "names({ prefix: ['l'] }, { limit: 0 })": /limit must be a positive integer: received 0/,
        "names({ prefix: ['l'] }, { limit: -1 })": /limit must be a positive integer: received -1/,
        "names({ prefix: ['l'] }, { batchSize: 0 })": /batchSize must be a positive integer/,
        "names({ prefix: ['l'] }, { batchSize: 1001 })": 'TypeError: Too many entries (max 1000)',
        "names({ prefix: ['l'] }, { batchSize: 1000 }).then((all) => all.length)": 4,
        "Stels.local.list({ prefix: ['l'] }).cursor":
          'Error: Cannot get cursor before first iteration',
        "names({ prefix: ['l'] }, { cursor: 'zzz' })": /^TypeError: This is not a cursor/,
      },
      PREPARE,
    );
  });

  test('goes on from a cursor, both ways, whatever was written in between', async () => {
    const result = await amid.evaluate(`
      for (let i = 0; i < 20; i++) await Stels.net.set(['page', i], i);
      const walk = async (reverse) => {
        const seen = [];
        let cursor;
        do {
          const list = Stels.net.list({ prefix: ['page'] }, { limit: 6, reverse, cursor });
          for await (const entry of list) seen.push(entry.value.raw);
          cursor = list.cursor;
          if (seen.length === 6) await Stels.net.delete(['page', seen[5]]);
        } while (cursor !== '');
        return seen;
      };
      return [await walk(false), await walk(true)];
    `);
    const up = Array.from({ length: 20 }, (_, i) => i);
    assert.deepEqual(result[0], up);
    assert.deepEqual(result[1], up.filter((i) => i !== 5).reverse());
  });
});

describe('atomic', () => {
  test('changes all or nothing, in the order of its mutations', async () => {
    await expectAll(
      {
        'atomic().sum(["n"], 5).commit().then(() => raw(["n"]))': 5,
        'atomic().sum(["n"], 2).sum(["n"], 0.5).commit().then(() => raw(["n"]))': 7.5,
        'atomic().min(["n"], 3).commit().then(() => raw(["n"]))': 3,
        'atomic().max(["n"], 10).min(["n"], 4).commit().then(() => raw(["n"]))': 4,
        'atomic().set(["n"], 1).sum(["n"], 1).commit().then(() => raw(["n"]))': 2,
        'atomic().delete(["n"]).max(["n"], -3).commit().then(() => raw(["n"]))': -3,
        'atomic().sum(["n"], 1).delete(["n"]).commit().then(() => raw(["n"]))': null,
        'atomic().set(["text"], "x").set(["other"], 1).sum(["text"], 1).commit()':
          "TypeError: sum, min and max need a number in the record's raw, and a finite one as their result",
        'raw(["other"])': null,
        'atomic().max(["huge"], 1.7e308).commit().then((r) => r.ok)': true,
        'atomic().sum(["huge"], 1.7e308).commit()': /^TypeError: sum, min and max need/,
        'atomic().mutate({ type: "set", key: ["x"], value: 1 }, { type: "sum", key: ["x"], value: 2 }, { type: "delete", key: ["y"] }).commit().then(() => raw(["x"]))': 3,
        'atomic().commit().then((r) => r.ok)': true,
        'atomic().check({ key: ["x"], versionstamp: null }).set(["x"], 9).commit()': { ok: false },
        'atomic().check({ key: ["x"] }).commit()': { ok: false },
        'Stels.net.get(["x"]).then((e) => atomic().check(e, { key: ["y"], versionstamp: null }).set(["x"], 4).commit()).then((r) => /^[0-9a-f]{20}$/.test(r.versionstamp))': true,
      },
      `const atomic = () => Stels.net.atomic();
       const raw = async (key) => (await Stels.net.get(key)).value?.raw ?? null;`,
    );
  });

  test('keeps the record around a number', async () => {
    const result = await amid.evaluate(`
      const record = { channel: 'c.n', module: 'desk', widget: 'w', raw: 1, timestamp: 5, more: { raw: 'x' } };
      await Stels.net.set(['c', 'n'], record);
      await Stels.net.atomic().sum(['c', 'n'], 41).commit();
      await Stels.net.atomic().sum(['c', 'new'], 1).commit();
      return [(await Stels.net.get(['c', 'n'])).value, (await Stels.net.get(['c', 'new'])).value];
    `);
    assert.ok(result[0].timestamp > 5 && result[1].timestamp > 5);
    result.forEach((value) => delete value.timestamp);
    assert.deepEqual(result, [
      { channel: 'c.n', module: 'desk', widget: 'w', raw: 42, more: { raw: 'x' } },
      { channel: 'c.new', module: 'c', widget: '', raw: 1 },
    ]);
  });

  test('counts right however many count at once', async () => {
    const total = await amid.evaluate(`
      await Promise.all(Array.from({ length: 200 }, (_, i) => Stels.local.atomic().sum(['count'], i % 2 ? 1 : 2).commit()));
      return (await Stels.local.get(['count'])).value.raw;
    `);
    assert.equal(total, 300);
  });

  test('is refused with a reason', async () => {
    const check = '{ key: ["a"], versionstamp: null }';
    await expectAll(
      {
        'atomic().mutate({ type: "x", key: ["a"] })': 'TypeError: Invalid mutation type',
        'atomic().mutate({ type: "delete", key: ["a"], value: 1 })':
          "TypeError: Invalid mutation 'delete' with value",
        'atomic().mutate({ type: "sum", key: ["a"] })':
          "TypeError: Invalid mutation 'sum' without value",
        'atomic().mutate({ type: "set", key: ["a"] })':
          "TypeError: Invalid mutation 'set' without value",
        'atomic().sum(["a"], "1")': 'TypeError: Value must be a finite number: received string',
        'atomic().sum(["a"], NaN)': 'TypeError: Value must be a finite number: received NaN',
        'atomic().check({ key: ["a"], versionstamp: "zz" }).commit()':
          'TypeError: not a versionstamp',
        [`atomic().check(...Array(101).fill(${check})).commit()`]:
          'TypeError: Too many checks (max 100)',
        [`atomic().check(...Array(100).fill(${check})).commit().then((r) => r.ok)`]: true,
        'atomic().mutate(...Array.from({ length: 101 }, (_, i) => ({ type: "delete", key: ["x", i] }))).commit()':
          'TypeError: Too many mutations (max 100)',
        'atomic().mutate(...Array.from({ length: 20 }, (_, i) => ({ type: "set", key: ["x", i], value: "x".repeat(60000) }))).commit()':
          'TypeError: Total mutation size too large (max 1048576 bytes)',
        'atomic().mutate(...Array.from({ length: 17 }, (_, i) => ({ type: "set", key: ["x", i], value: "x".repeat(60000) }))).commit().then((r) => r.ok)': true,
        'atomic().set(["ami", "x"], 1).commit()': /^PermissionDenied/,
        'atomic().sum(["leader", "x"], 1).commit()': /^PermissionDenied/,
        'atomic()': /^TypeError: An atomic operation is no promise/,
        'atomic().enqueue(1)':
          'NotSupported: Stels.net.atomic().enqueue is not supported by this version of amid',
        'Stels.net.enqueue(1)': /^NotSupported: Stels.net.enqueue /,
        'Stels.local.listenQueue(() => 1)': /^NotSupported: Stels.local.listenQueue /,
        'Stels.net.commitVersionstamp()': /^NotSupported: Stels.net.commitVersionstamp /,
      },
      'const atomic = () => Stels.net.atomic();',
    );
  });
});

describe('Stels.webfix', () => {
  test('sets, gets, updates and deletes, with numbers in channels', async () => {
    const result = await amid.evaluate(`
      const channel = ['desk', 7, 'orders'];
      const brain = Stels.net;
      await Stels.webfix({ brain, method: 'set', channel, module: 'desk', raw: { a: 1, b: { c: 1 } }, timestamp: 12 });
      const first = await Stels.webfix({ brain, method: 'get', channel });
      await Promise.all(Array.from({ length: 8 }, (_, i) =>
        Stels.webfix({ brain, method: 'update', channel, raw: { ['n' + i]: i, b: 2 } })));
      const second = await Stels.webfix({ brain, method: 'get', channel });
      const fresh = await Stels.webfix({ brain: Stels.local, method: 'update', channel, raw: { only: 1 } });
      await Stels.webfix({ brain, method: 'delete', channel });
      const gone = await Stels.webfix({ brain, method: 'get', channel });
      const errors = [];
      for (const request of [{ method: 'get' }, { method: 'x', channel }, { brain: {}, method: 'get', channel }, null]) {
        try { await Stels.webfix(request); } catch (error) { errors.push(error.name); }
      }
      return { first: first.value, second: second.value, fresh: fresh.ok, gone: gone.value, errors };
    `);
    assert.deepEqual(result.first, {
      channel: 'desk.7.orders',
      module: 'desk',
      widget: '',
      raw: { a: 1, b: { c: 1 } },
      timestamp: 12,
    });
    assert.equal(result.second.module, 'desk');
    assert.deepEqual(Object.keys(result.second.raw).sort(), [
      'a',
      'b',
      'n0',
      'n1',
      'n2',
      'n3',
      'n4',
      'n5',
      'n6',
      'n7',
    ]);
    assert.equal(result.second.raw.b, 2);
    assert.deepEqual([result.fresh, result.gone], [true, null]);
    assert.deepEqual(result.errors, ['TypeError', 'NotSupported', 'TypeError', 'TypeError']);
  });
});
