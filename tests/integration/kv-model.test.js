// The key-value spaces as scripts see them against a model, by random operations: every result is compared, and a
// watcher must end with what the model says and never go back. AMID_KV_SEED and AMID_KV_OPERATIONS ask for another run.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Amid } from './harness.js';

const here = path.dirname(fileURLToPath(import.meta.url));
const MODEL = readFileSync(path.join(here, 'fixtures/kv-model.js'), 'utf8');
const seed = Number(process.env.AMID_KV_SEED ?? 1 + (Date.now() % 2147483646));
const COUNT = Number(process.env.AMID_KV_OPERATIONS ?? 2000);

let amid;
before(async () => {
  amid = await Amid.start();
});
after(() => amid.stop());

describe(`random operations, seed ${seed}`, () => {
  for (const space of ['local', 'net']) {
    test(`on Stels.${space} do what a simple model does`, async () => {
      const done = await amid.evaluate(
        `const SPACE = '${space}', SEED = ${seed}, COUNT = ${COUNT};\n${MODEL}`,
      );
      const { events, ...acts } = done;
      assert.equal(
        Object.values(acts).reduce((sum, n) => sum + n, 0),
        COUNT,
      );
      assert.ok(events > 0);
    });
  }

  test('checks let no update of several workers be lost', async () => {
    const adder = (rounds) => `
      for (let n = 0; n < ${rounds}; ) {
        const entries = await Stels.net.getMany([['race', 'a'], ['race', 'b']]);
        const [a, b] = entries.map((entry) => (entry.value === null ? 0 : entry.value.raw));
        if (a !== b) throw new Error('half a commit was seen: ' + a + ' and ' + b);
        const { ok } = await Stels.net.atomic().check(...entries)
          .set(['race', 'a'], a + 1).set(['race', 'b'], b + 1).sum(['race', 'sum'], 1).commit();
        if (ok) n++;
      }
      return true;`;
    const rounds = 150;
    await Promise.all([1, 2, 3].map(() => amid.evaluate(adder(rounds))));
    const values = await amid.evaluate(`
      const entries = await Stels.net.getMany([['race', 'a'], ['race', 'b'], ['race', 'sum']]);
      return entries.map((entry) => entry.value.raw);`);
    assert.deepEqual(values, [3 * rounds, 3 * rounds, 3 * rounds]);
  });
});
