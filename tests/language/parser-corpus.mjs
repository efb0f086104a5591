/**
 * The parser tests of the ECMAScript committee (npm package test262-parser-tests) against the compiler: what Node reads as
 * the body of an async function has to compile, what Node refuses has to be refused. parser-differences.json lists by
 * reason the files where amid decides otherwise.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { compileWorker } from './compile.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const folder = dirname(createRequire(import.meta.url).resolve('test262-parser-tests/package.json'));

/** reason → names */
export const differences = JSON.parse(readFileSync(join(here, 'parser-differences.json'), 'utf8'));

function nodeAccepts(source) {
  try {
    new vm.Script(`(async function () {${source}\n})`);
    return true;
  } catch {
    return false;
  }
}

/** @returns {{kind: string, name: string, node: boolean, amid: boolean, message: string}[]} */
export function runParserCorpus() {
  return ['pass', 'fail', 'early'].flatMap((kind) =>
    readdirSync(join(folder, kind))
      .filter((name) => name.endsWith('.js') && !name.includes('.module.'))
      .sort()
      .map((name) => {
        const source = readFileSync(join(folder, kind, name), 'utf8');
        const { ok, message } = compileWorker(source);
        return {
          kind,
          name: `${kind}/${name.slice(0, -3)}`,
          node: nodeAccepts(source),
          amid: ok,
          message,
        };
      }),
  );
}
