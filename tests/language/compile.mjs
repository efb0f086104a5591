/** The compiler bundle as a function for tests: it is plain ES5, so Node runs it as the engine does. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const path =
  process.env.AMID_COMPILER ??
  ['build-asan', 'build'].map((build) => join(root, build, 'js', 'compiler.js')).find(existsSync);
if (path === undefined)
  throw new Error('the compiler bundle is not built: ninja -C build js_compiler');

/** (source, optionsJson) → {ok, code, lines, minified, warnings, message, line, column} */
export const compile = vm.runInNewContext(
  readFileSync(path, 'utf8'),
  {},
  { filename: 'compiler.js' },
);

export function compileWorker(source) {
  return compile(source, '{"kind":"worker","dependencies":["gliesereum"]}');
}
