/** Runs the programs of programs/ under Node and under amid-runner. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileWorker } from './compile.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const BATCH = 50;
/** The compiler asks the engine which expressions it can run, and Node can run others. */
const NEEDS_ENGINE = /regex|^refused-|^known-/;

export const names = readdirSync(join(here, 'programs'))
  .filter((name) => /\.[jt]s$/.test(name))
  .sort();

const pathOf = (name) => join('tests', 'language', 'programs', name);

/** amid-exec of a build, as a command: AMID_EXEC if it is set, else that of the first of `builds` that is there. */
export function executor(...builds) {
  if (process.env.AMID_EXEC) return process.env.AMID_EXEC.split(' ');
  const found = builds.map((build) => join(root, build, 'bin', 'amid-exec')).find(existsSync);
  return found === undefined ? undefined : [found];
}

function run(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root });
    const texts = { output: '', errors: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => (texts.output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (texts.errors += text));
    child.on('close', () => resolve(texts));
  });
}

/** Takes what a command prints for files apart: file → output. */
async function outputsOf([program, ...first], files) {
  const { output, errors } = await run(program, [...first, ...files]);
  const found = new Map();
  for (const part of output.split(/^=== /m).slice(1)) {
    const end = part.indexOf('\n');
    found.set(part.slice(0, end), part.slice(end + 1));
  }
  return files.map((file) => [file, found.get(file) ?? `(no output) ${errors}`]);
}

async function inBatches(command, files) {
  const batches = [];
  for (let at = 0; at < files.length; at += BATCH) batches.push(files.slice(at, at + BATCH));
  const results = [];
  const lane = async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift())
      results.push(...(await outputsOf(command, batch)));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return results;
}

const byName = (results) =>
  new Map(results.map(([file, output]) => [file.slice(file.lastIndexOf('/') + 1), output]));

/** @returns {Promise<Map<string, string>>} name → what Node prints */
export async function runNode(wanted) {
  const command = [process.execPath, join(here, 'run-node.mjs')];
  return byName(await inBatches(command, wanted.map(pathOf)));
}

/** @returns {Promise<Map<string, string>>} name → what amid prints, compiled by the confined compiler */
export async function runAmid(command, wanted) {
  return byName(await inBatches(command, wanted.map(pathOf)));
}

/** The same, but the compiler runs here, in Node, which takes a tenth of the time. */
export async function runCompiled([program, ...first], wanted) {
  const scratch = mkdtempSync(join(tmpdir(), 'amid-language-'));
  const files = [];
  const refused = [];
  for (const name of wanted.filter((each) => !NEEDS_ENGINE.test(each))) {
    const result = compileWorker(readFileSync(join(root, pathOf(name)), 'utf8'));
    if (result.ok) {
      files.push(join(scratch, name));
      writeFileSync(join(scratch, name), `${result.lines}\n${result.code}`);
    } else {
      refused.push([name, `Refused ${result.line}:${result.column} ${result.message}\n`]);
    }
  }
  const results = await inBatches([program, ...first, '--compiled'], files);
  rmSync(scratch, { recursive: true });
  const others = await runAmid(
    [program, ...first],
    wanted.filter((each) => NEEDS_ENGINE.test(each)),
  );
  return new Map([...byName(results), ...refused, ...others]);
}
