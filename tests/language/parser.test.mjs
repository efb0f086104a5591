// The compiler reads and refuses what Node reads and refuses, but for the listed files of the committee's parser tests.
import assert from 'node:assert/strict';
import test from 'node:test';
import { differences, runParserCorpus } from './parser-corpus.mjs';

test('the parser tests decide as Node does', () => {
  const results = runParserCorpus();
  const differing = results.filter((result) => result.node !== result.amid);
  assert.ok(results.length > 3000, `${results.length} files`);
  assert.deepEqual(
    differing.map((result) => result.name).sort(),
    Object.values(differences).flat().sort(),
  );
  for (const { name, message } of results)
    assert.doesNotMatch(message, /the compiler failed/, name);
});
