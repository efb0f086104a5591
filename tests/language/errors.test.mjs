/**
 * The promise held here: what amid cannot run is refused when a script is saved, with the owner's line and column and
 * a message that helps; what is merely unwise gives a warning.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { compileWorker } from './compile.mjs';

/** [source, line, column, pattern of the message] */
const refused = [
  ['', 1, 1, /^Invalid script content$/],
  ['  \n ', 1, 1, /^Invalid script content$/],
  ['let a = ;', 1, 9, /Expression expected/],
  ['let ok = 1;\n  let b = (;', 2, 12, /./],
  ['foo(', 1, 5, /./],
  ['if (a) {', 1, 9, /Unexpected end/],
  ['a }', 1, 3, /Unexpected '}'/],
  ['} function x() {', 1, 1, /./],
  ['})([]); (function () { return async function () {', 1, 1, /./],
  ['const \u{1f600} = 1', 1, 7, /./],
  ["'\u{1f600}'; let x = ;", 1, 15, /./],
  ["import x from 'y'", 1, 15, /'y' is not among the worker's dependencies/],
  ['\nexport const a = 1', 2, 1, /module syntax is not available/],
  ['export default 1', 1, 1, /module syntax/],
  ["await import('x')", 1, 14, /'x' is not among/],
  ['import.meta.url', 1, 1, /module syntax/],
  ['let a = 1;\nlet a = 2', 2, 5, /'a' has already been declared/],
  ['let a; var a', 1, 12, /already been declared/],
  ['function f(a) { let a }', 1, 21, /already been declared/],
  ['class A {} let A', 1, 16, /already been declared/],
  ['const a', 1, 7, /Missing initializer/],
  ['let [a]', 1, 5, /Missing initializer in destructuring/],
  ['1 = 2', 1, 1, /Invalid left-hand side/],
  ['f() = 2', 1, 1, /Invalid left-hand side/],
  ['a?.b = 2', 1, 1, /Invalid left-hand side/],
  ['++1', 1, 3, /./],
  ['break', 1, 1, /Illegal break/],
  ['for (;;) { (() => { continue })() }', 1, 21, /Illegal continue/],
  ['a: { continue a }', 1, 6, /Illegal continue/],
  ['break nowhere', 1, 7, /Undefined label/],
  ['a: a: ;', 1, 4, /Label 'a' has already/],
  ['function f() { await x }', 1, 16, /await is only valid/],
  ['() => { for await (const a of b); }', 1, 9, /await is only valid/],
  ['async (a = await b) => a', 1, 12, /not allowed in the parameters/],
  ['function* g(a = yield) {}', 1, 17, /not allowed in the parameters/],
  ['super.x', 1, 1, /'super' keyword unexpected/],
  ['class A { constructor() { super() } }', 1, 27, /'super' keyword unexpected/],
  ['class A { constructor() {} constructor() {} }', 1, 28, /only have one constructor/],
  ['class A { m() { this.#x } }', 1, 22, /'#x' must be declared/],
  ['class A { #x; #x }', 1, 15, /already been declared/],
  ['10n', 1, 1, /BigInt literals are not supported/],
  ['let a = 1;\nlet b = 0xFFn + 1n', 2, 9, /BigInt/],
  ['@dec class A {}', 1, 1, /Decorators/],
  ['namespace N { export const a = 1 }', 1, 1, /namespaces/],
  ['with (a) b', 1, 1, /'with'/],
  ['/(/', 1, 1, /Invalid regular expression.*Unterminated group/],
  ['let x =\n  /[b-a]/', 2, 3, /out of order/],
  ['/a/gg', 1, 1, /flags/],
  ['/\\p{Nonsense}/u', 1, 1, /property/],
  ['"use strict"; var public = 1', 1, 19, /reserved word/],
  ['class A { m() { var eval = 1 } }', 1, 21, /strict mode/],
  ['"a\nb"', 1, 3, /./],
  ['`open', 1, 6, /not closed/],
  ['/open', 1, 2, /./],
];
for (const [source, line, column, message] of refused) {
  test(`refuses ${JSON.stringify(source)}`, () => {
    const result = compileWorker(source);
    assert.equal(result.ok, false, `compiled to ${result.code}`);
    assert.match(result.message, message);
    assert.deepEqual([result.line, result.column], [line, column], result.message);
  });
}

test('a script nested too deeply is refused', () => {
  const deep = compileWorker(`x = ${'['.repeat(20000)}${']'.repeat(20000)}`);
  assert.equal(deep.ok, false);
  assert.match(deep.message, /nested too deeply|compiler failed/);
});

test('anything but text is not a script', () => {
  for (const value of [undefined, null, 5, {}])
    assert.equal(compileWorker(value).message, 'Invalid script content');
});

function warningsOf(source) {
  const result = compileWorker(source);
  assert.equal(result.message, '');
  return JSON.parse(result.warnings);
}

test('console, eval and new Function are warned of, where they mean the global ones', () => {
  const warnings = warningsOf(
    "console.log(1);\n  eval('1');\nnew Function('');\n{ const console = logger; console.info(1); }",
  );
  assert.deepEqual(
    warnings.map(({ line, column }) => [line, column]),
    [
      [1, 1],
      [2, 3],
      [3, 5],
    ],
  );
  assert.match(warnings[0].message, /logger/);
  assert.match(warnings[1].message, /ES5/);
});

test('a script beyond 50 KB is warned of', () => {
  assert.match(warningsOf(`const a = '${'x'.repeat(51 * 1024)}'`)[0].message, /50 KB/);
  assert.deepEqual(warningsOf('const a = 1'), []);
});

test('every line of the generated code has a line of the owner', () => {
  const result = compileWorker(
    "const a = 1;\n\nfunction f() {\n  throw new Error('x');\n}\n\nf();",
  );
  const lines = result.lines.split(',').map(Number);
  const code = result.code.split('\n');
  assert.equal(lines.length, code.length);
  assert.equal(lines[code.findIndex((text) => text.includes('throw new'))], 4);
  assert.equal(lines[code.findIndex((text) => text.startsWith('f()'))], 7);
});

test('an empty catch binds error only where nothing around has that name', () => {
  assert.match(compileWorker('try { f() } catch { g(error) }').code, /catch \(error\)/);
  assert.doesNotMatch(
    compileWorker('let error; try { f() } catch { g(error) }').code,
    /catch \(error\)/,
  );
  assert.doesNotMatch(
    compileWorker('try { f() } catch { g(error) }\nerror = 1').code,
    /catch \(error\)/,
  );
  assert.doesNotMatch(
    compileWorker('function h(error) { try { f() } catch { g(error) } }').code,
    /catch \(error\)/,
  );
});

test('what reads as JavaScript is JavaScript, what has types is TypeScript', () => {
  const code = (source) => compileWorker(source).code.replace(/\s+/g, ' ');
  assert.match(code('f(a < b, c > (d))'), /f\(a < b, c > \(d\)\)/);
  assert.match(code('const m: Map<string, number> = new Map(); g<Foo>(1)'), /g\(1\)/);
  assert.match(code('new Map<string, number>()'), /new Map\(\)/);
  assert.match(code('f<number>(1)'), /f\(1\)/);
});

test('TypeScript types are left out', () => {
  const result = compileWorker(
    'interface A { x: number }\ntype B = A | null;\nenum Color { Red, Green = 5, Blue }\nconst a: A = { x: 1 } as A;\nfunction f<T>(v: T, w?: string): v is T { return !!v!; }\nabstract class C<T> implements A { constructor(public x: number, private readonly y = 2) {} abstract m(): void; declare z: string; }\nlogger.info(Color.Blue, a satisfies A, f<number>(1));',
  );
  assert.equal(result.message, '');
  assert.match(result.code, /Color\[Color\["Blue"\] = 6\]/);
});
