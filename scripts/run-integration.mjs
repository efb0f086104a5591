// Runs the integration tests, two files side by side, for they wait more than they compute; whoever is
// done takes the next file. One report with one set of closing lines. Arguments: files, else all.
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const AT_ONCE = 2;
const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../tests/integration');

/** The largest first: a long file that begins last would keep the others waiting. */
function allFiles() {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => path.join(folder, name))
    .sort((one, other) => statSync(other).size - statSync(one).size);
}

const named = process.argv.slice(2).map((file) => path.resolve(file));
let failures = 0;
process.exitCode = 1; // until all have been seen to end
run({ files: named.length > 0 ? named : allFiles(), concurrency: AT_ONCE })
  .on('test:fail', () => failures++)
  .on('end', () => {
    process.exitCode = failures === 0 ? 0 : 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
