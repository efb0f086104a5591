/**
 * Runs programs without the runner: the compiler bundle and the prelude each in one process of amid-jsc. Prints what
 * amid-exec prints: `=== path`, the lines of console.log, an uncaught error as `Uncaught name: message`.
 *
 *   node tests/language/run-local.mjs [--code] FILE...        (AMID_BUILD: build folder, default build)
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const build = process.env.AMID_BUILD ?? 'build';
const js = process.env.AMID_JS ?? join(build, 'js');
const jsc = process.env.AMID_JSC ?? join(build, 'bin', 'amid-jsc');
const scratch = mkdtempSync(join(tmpdir(), 'amid-language-'));

const ascii = (value) =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

function run(...files) {
  const result = spawnSync(jsc, ['--run', ...files], {
    encoding: 'latin1',
    timeout: 20000,
    maxBuffer: 1 << 26,
  });
  return decode(result.stdout + result.stderr);
}

/** The engine writes characters beyond U+FFFF as two surrogates of three bytes each. */
function decode(bytes) {
  const text = bytes.replace(
    /\xed([\xa0-\xaf])([\x80-\xbf])\xed([\xb0-\xbf])([\x80-\xbf])/g,
    (_, a, b, c, d) => {
      const unit = (x, y) => 0xd000 | ((x.charCodeAt(0) & 0x3f) << 6) | (y.charCodeAt(0) & 0x3f);
      return Buffer.from(String.fromCharCode(unit(a, b), unit(c, d))).toString('latin1');
    },
  );
  return Buffer.from(text, 'latin1').toString('utf8');
}

function compileAll(sources) {
  const driver = join(scratch, 'compile.js');
  writeFileSync(
    driver,
    `${ascii(sources)}.forEach(function (s) {
      var r;
      try { r = amidCompiler.compile(s, "{}"); } catch (e) { r = { ok: false, message: "compiler: " + e.stack, line: 0, column: 0 }; }
      print(JSON.stringify(r).replace(/[\\u007f-\\uffff]/g, function (c) { return "\\\\u" + ("000" + c.charCodeAt(0).toString(16)).slice(-4); }));
    });`,
  );
  const output = run(join(js, 'compiler.js'), driver);
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  if (lines.length !== sources.length)
    throw new Error(`the compiler stopped: ${output.slice(-2000)}`);
  return lines.map((line) => JSON.parse(line));
}

/** The part of the host that a program of these tests reaches. */
const HOST = `
var say = print, done = false, failed = null, clock = 0;
var host = {
  now: function () { return Date.now(); },
  mono: function () { return clock; },
  randomBytes: function (n) { return new Uint8Array(n); },
  log: function (level, text) { say(text); },
  kvGet: function () { return 1; }, kvList: function () { return 1; }, kvAtomic: function () { return 1; },
  iterationStart: function () {},
  iterationEnd: function (ok, error) { done = true; if (!ok) failed = error; },
  progress: function () {}, stopped: function () { done = true; },
  heap: function () { return { used: 0, limit: 0 }; }
};
`;

function runOne(compiled) {
  const driver = join(scratch, 'run.js');
  if (!compiled.ok)
    return `SyntaxError: ${compiled.message} (${compiled.line}:${compiled.column})\n`;
  const prelude = readFileSync(join(js, 'prelude.js'), 'utf8');
  writeFileSync(
    driver,
    `${HOST}
var makeBoot = ${prelude.replace(/;\s*$/, '')};
var hooks = makeBoot(host);
var body = (0, eval)(${ascii(compiled.code)});
hooks.load(body, '{"sid":"s","nid":"n","network":"net","title":"t","workers":1,"limit":0,"tick":0,"mode":"single","delayMs":0,"logLevel":"debug","startTime":0}', ${JSON.stringify(compiled.lines)});
hooks.run();
for (var turn = 0; turn < 100000 && !done; turn++) {
  while (hooks.drain(1000)) {}
  if (done) break;
  var next = hooks.timers(clock);
  while (hooks.drain(1000)) {}
  if (next > clock) clock = next;
}
if (failed) { var e = JSON.parse(failed); say("Uncaught " + e.name + ": " + e.message); }
`,
  );
  return run(driver);
}

const files = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const compiled = compileAll(files.map((file) => readFileSync(file, 'utf8')));
files.forEach((file, i) => {
  process.stdout.write(`=== ${file}\n`);
  if (process.argv.includes('--code')) process.stdout.write(`${compiled[i].code}\n`);
  if (process.argv.includes('--stack')) process.stdout.write(`${compiled[i].lines}\n`);
  process.stdout.write(runOne(compiled[i]));
});
rmSync(scratch, { recursive: true });
