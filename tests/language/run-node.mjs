/**
 * Runs programs as Node sees them: a text is the body of an async function, each in a thread of its own.
 * node run-node.mjs FILE... prints `=== path` and the lines of console.log, an uncaught error as `Uncaught name: message`.
 * Types of a .ts file are left out by TypeScript's own transpiler.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

function readProgram(file) {
  const text = readFileSync(file, 'utf8');
  if (!file.endsWith('.ts')) return text;
  const ts = createRequire(import.meta.url)('typescript');
  // As the body of a function, where top-level await and return are right.
  const { outputText } = ts.transpileModule(`async function program() {${text}\n}`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, useDefineForClassFields: true },
  });
  return `${outputText}\nreturn program();`;
}

/** What Node's own globals make belongs to the main realm; programs that look at such things get a thread. */
const NEEDS_THREAD =
  /structuredClone|DOMException|TextEncoder|TextDecoder|Abort|URL|performance|Buffer|[gG]lobal|delete this/;

function needsThread(file) {
  return /\bweb-/.test(file) || NEEDS_THREAD.test(readFileSync(file, 'utf8'));
}

const REPORTED = ['uncaughtException', 'unhandledRejection'];

function inWords(error) {
  const isError = error !== null && typeof error === 'object';
  return `Uncaught ${isError ? `${error.name}: ${error.message}` : String(error)}`;
}

/** @param {function(string)} print takes a line; @param {function(string): *} evaluate runs a text in the realm to use */
function runProgram(file, print, evaluate) {
  const uncaught = (error) => print(inWords(error));
  for (const event of REPORTED) process.removeAllListeners(event).on(event, uncaught);
  evaluate(`(async function () {${readProgram(file)}\n})`)().catch(uncaught);
}

function printer(print) {
  return (...values) => print(values.map(String).join(' '));
}

function runInThread(file) {
  return new Promise((resolve) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: file });
    let output = '';
    worker.on('message', (text) => (output += text));
    worker.on('error', (error) => (output += `${inWords(error)}\n`));
    worker.on('exit', () => resolve(output));
  });
}

/** Runs a program in a realm of its own; it has ended when nothing is left in the event loop. */
function runInRealm(file) {
  let output = '';
  const print = (line) => (output += `${line}\n`);
  const realm = vm.createContext({
    console: { log: printer(print) },
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    queueMicrotask: globalThis.queueMicrotask,
  });
  // The immediate keeps the loop alive for the next program.
  const ended = new Promise((resolve) =>
    process.once('beforeExit', () => setImmediate(() => resolve(output))),
  );
  try {
    runProgram(file, print, (text) => vm.runInContext(text, realm, { filename: 'worker.js' }));
  } catch (error) {
    print(inWords(error));
  }
  return ended;
}

if (isMainThread) {
  for (const file of process.argv.slice(2)) {
    const run = needsThread(file) ? runInThread : runInRealm;
    process.stdout.write(`=== ${file}\n${await run(file)}`);
  }
} else {
  const print = (line) => parentPort.postMessage(`${line}\n`);
  console.log = printer(print);
  runProgram(workerData, print, (text) => vm.runInThisContext(text, { filename: 'worker.js' }));
}
