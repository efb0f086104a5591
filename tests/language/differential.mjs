/**
 * The promise held here: a program prints the same under Node and under amid's confined runner. Every file of
 * programs/ is the body of an async function that prints through console.log; both outputs are compared byte for byte.
 * known-differences.json names the programs that print something else, with the reason, and those that amid refuses,
 * with the refusal; one that does not differ any more fails as well. newer-node.json has what a newer Node prints where
 * an older one that is supported differs.
 *
 * All programs are compiled here and run by the release build; every eighth is also compiled and run by the build with
 * sanitizers. docs/javascript.md shows the counts: `node tests/language/differential.mjs --write` renews them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { runParserCorpus, differences as parserDifferences } from './parser-corpus.mjs';
import { executor, names, runAmid, runCompiled, runNode } from './programs.mjs';
import { makeTable, shownTable, writeTable } from './table.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { differs, refused } = JSON.parse(readFileSync(join(here, 'known-differences.json'), 'utf8'));
const newerNode = JSON.parse(readFileSync(join(here, 'newer-node.json'), 'utf8'));
const NODE_MAJOR = Number(process.versions.node.split('.')[0]);
const LEAST_PROGRAMS = 800;
const SAMPLE = 8;

/** What Node of this machine prints, or what a newer one would. */
async function expectedOutputs() {
  const expected = await runNode(names);
  for (const [name, newer] of Object.entries(newerNode)) {
    if (NODE_MAJOR < newer.node) expected.set(name, newer.output);
    else assert.equal(expected.get(name), newer.output, `${name} in newer-node.json`);
  }
  return expected;
}

function verdictOf(name, actual, expected) {
  if (actual === expected) return 'same';
  return actual.startsWith('Refused ') ? 'refused' : 'different';
}

function check(name, actual, expected) {
  if (refused[name] !== undefined) assert.equal(actual, `Refused ${refused[name]}\n`);
  else if (differs[name] === undefined) assert.equal(actual, expected);
  else assert.notEqual(actual, expected, 'listed as different, but the same');
}

test('there are enough programs', () => {
  assert.ok(names.length >= LEAST_PROGRAMS, `${names.length} programs`);
});

test('programs print the same under Node and amid', async (context) => {
  const command = executor('build', 'build-asan');
  const sanitized = executor('build-asan', 'build');
  assert.ok(command, 'amid-exec is not built');
  const expected = await expectedOutputs();
  const actual = await runCompiled(command, names);
  const sample = names.filter((_, i) => i % SAMPLE === 0);
  const sampled = await runAmid(sanitized, sample);
  for (const name of names) {
    await context.test(name, () => check(name, actual.get(name), expected.get(name)));
  }
  for (const name of sample) {
    await context.test(`${name}, confined compiler`, () =>
      assert.equal(sampled.get(name), actual.get(name)),
    );
  }
  await context.test('the document shows this run', () => {
    const results = names.map((name) => ({
      name,
      verdict: verdictOf(name, actual.get(name), expected.get(name)),
    }));
    const table = makeTable(results, runParserCorpus(), {
      known: differs,
      parser: parserDifferences,
    });
    if (process.argv.includes('--write')) writeTable(table);
    assert.equal(shownTable(), table);
  });
});
