// Runs one program as Node sees it: the text is the body of an async function. node run-node.mjs FILE
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const [file] = process.argv.slice(2);
const print = (text) => process.stdout.write(`${text}\n`);
const uncaught = (error) => {
  print(`Uncaught ${error instanceof Object ? `${error.name}: ${error.message}` : String(error)}`);
  process.exitCode = 1;
};
process.on('uncaughtException', uncaught);
process.on('unhandledRejection', uncaught);
console.log = (...values) => print(values.map(String).join(' '));
const body = vm.runInThisContext(`(async function () {${readFileSync(file, 'utf8')}\n})`, {
  filename: 'worker.js',
});
body().catch(uncaught);
