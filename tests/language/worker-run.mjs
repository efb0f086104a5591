/**
 * Runs one worker over a double of the runner's C functions (fake-host.js), so that time is virtual; for the tests of
 * what happens inside the prelude.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { compileWorker } from './compile.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const build = [process.env.AMID_BUILD ?? 'build-asan', 'build']
  .map((name) => join(root, name))
  .find((path) => existsSync(join(path, 'js')));
const scratch = mkdtempSync(join(tmpdir(), 'amid-life-'));
after(() => rmSync(scratch, { recursive: true }));

const prelude = readFileSync(join(build, 'js', 'prelude.js'), 'utf8');
writeFileSync(join(scratch, 'prelude.js'), `var bootPrelude = ${prelude}`);
const host = transformSync(readFileSync(join(here, 'fake-host.js'), 'utf8'), {
  target: 'es5',
  supported: { 'object-extensions': true },
});
writeFileSync(join(scratch, 'host.js'), host.code);

/** What a worker prints, line by line. */
export function run(source, options = {}) {
  const compiled = compileWorker(source);
  assert.ok(compiled.ok, compiled.message);
  writeFileSync(join(scratch, 'worker.js'), `globalThis.workerBody = ${compiled.code}`);
  writeFileSync(
    join(scratch, 'start.js'),
    `runWorker(workerBody, ${JSON.stringify(compiled.lines)}, ${JSON.stringify(options)});`,
  );
  const files = ['prelude.js', 'host.js', 'worker.js', 'start.js'];
  const result = spawnSync(join(build, 'bin', 'amid-jsc'), ['--run', ...files], {
    cwd: scratch,
    encoding: 'utf8',
    timeout: 20000,
  });
  assert.equal(result.stderr, '');
  return result.stdout.trimEnd().split('\n');
}

/** A test that the worker prints exactly these lines. */
export function holds(name, source, options, expected) {
  test(name, () => assert.deepEqual(run(source, options), expected));
}
