/**
 * The promise held here: URL parses, resolves and changes as the URL Standard says. corpora/url.js makes thousands of
 * cases of the pieces that parsers get wrong; the standard's own reference implementation (whatwg-url) gives what is to
 * come out. Node's URL is not asked: its versions differ from one another in the corners.
 *
 *   AMID_URL_SEED=N node --test tests/language/url.test.mjs      other cases than the usual ones
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import reference from 'whatwg-url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const LEAST_CASES = 6000;
const scratch = mkdtempSync(join(tmpdir(), 'amid-url-'));
after(() => rmSync(scratch, { recursive: true }));

const executor =
  process.env.AMID_EXEC ??
  ['build-asan', 'build'].map((name) => join(root, name, 'bin', 'amid-exec')).find(existsSync);

/** Node's own errors carry a code, which is none of the standard's. */
const plain = (line) => line.replace(/ ERR_INVALID_URL$/, '');

function byReference(source) {
  const lines = [];
  const context = {
    URL: reference.URL,
    console: { log: (line) => lines.push(plain(String(line))) },
  };
  vm.runInNewContext(source, context);
  return lines;
}

function byAmid(source) {
  const file = join(scratch, 'corpus.js');
  writeFileSync(file, source);
  const [program, ...first] = executor.split(' ');
  const result = spawnSync(program, [...first, file], { encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(result.status, 0, result.stderr);
  return result.stdout.trimEnd().split('\n').slice(1).map(plain);
}

for (const seed of process.env.AMID_URL_SEED ? [process.env.AMID_URL_SEED] : [12345, 31337]) {
  test(`URL is the standard's, cases of seed ${seed}`, () => {
    const corpus = readFileSync(join(here, 'corpora', 'url.js'), 'utf8');
    const source = corpus.replace('let seed = 12345', `let seed = ${Number(seed)}`);
    const expected = byReference(source);
    const actual = byAmid(source);
    assert.ok(expected.length > LEAST_CASES, `${expected.length} cases`);
    const differing = expected.flatMap((line, i) =>
      line === actual[i] ? [] : [{ expected: line, actual: actual[i] }],
    );
    assert.deepEqual(differing.slice(0, 10), []);
    assert.equal(actual.length, expected.length);
  });
}
