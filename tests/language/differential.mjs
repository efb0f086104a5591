/**
 * The promise held here: a program prints the same under Node and under amid's confined runner. Every file of
 * programs/ is the body of an async function that prints through console.log; both outputs are compared byte for byte.
 * known-differences.json names the programs that may differ, each with the reason; one that does not differ any more
 * fails as well. newer-node.json has what a newer Node prints where an older one that is supported differs.
 *
 *   AMID_EXEC="build/bin/amid-exec" node --test tests/language/differential.test.mjs
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const folder = join(here, 'programs');
const known = JSON.parse(readFileSync(join(here, 'known-differences.json'), 'utf8'));
const newerNode = JSON.parse(readFileSync(join(here, 'newer-node.json'), 'utf8'));
const NODE_MAJOR = Number(process.versions.node.split('.')[0]);
const LEAST_PROGRAMS = 300;
const BATCH = 50;

function executor() {
  if (process.env.AMID_EXEC) return process.env.AMID_EXEC.split(' ');
  const found = ['build-asan', 'build']
    .map((build) => join(root, build, 'bin', 'amid-exec'))
    .find(existsSync);
  assert.ok(found, 'amid-exec is not built');
  return [found];
}

/** What amid prints for each file. */
function runAmid(files) {
  const [program, ...first] = executor();
  const outputs = new Map();
  for (let at = 0; at < files.length; at += BATCH) {
    const batch = files.slice(at, at + BATCH);
    const result = spawnSync(program, [...first, ...batch], {
      encoding: 'utf8',
      cwd: root,
      maxBuffer: 1 << 26,
    });
    for (const part of result.stdout.split(/^=== /m).slice(1)) {
      const end = part.indexOf('\n');
      outputs.set(part.slice(0, end), part.slice(end + 1));
    }
    for (const file of batch)
      if (!outputs.has(file)) outputs.set(file, `(no output) ${result.stderr}`);
  }
  return outputs;
}

function runNode(file) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(here, 'run-node.mjs'), file], { cwd: root });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('close', () => resolve(output));
  });
}

async function runAllNode(files) {
  const outputs = new Map();
  const queue = [...files];
  const lane = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift())
      outputs.set(file, await runNode(file));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return outputs;
}

const names = readdirSync(folder)
  .filter((name) => name.endsWith('.js'))
  .sort();
const files = names.map((name) => join('tests', 'language', 'programs', name));

test('there are enough programs', () => {
  assert.ok(names.length >= LEAST_PROGRAMS, `${names.length} programs`);
});

test('programs print the same under Node and amid', async (context) => {
  const expected = await runAllNode(files);
  for (const [name, newer] of Object.entries(newerNode)) {
    const file = join('tests', 'language', 'programs', name);
    if (NODE_MAJOR < newer.node) expected.set(file, newer.output);
    else assert.equal(expected.get(file), newer.output, `${name} in newer-node.json`);
  }
  const actual = runAmid(files);
  for (const [i, file] of files.entries()) {
    await context.test(names[i], () => {
      if (known[names[i]] === undefined) assert.equal(actual.get(file), expected.get(file));
      else
        assert.notEqual(actual.get(file), expected.get(file), 'listed as different, but the same');
    });
  }
});
