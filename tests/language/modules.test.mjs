/**
 * The promise held here: what a text asks of modules is told completely and once, import and export forms become code
 * that Duktape parses, and what cannot be is refused at its place. What that code does is tested through the whole of
 * amid in tests/integration/modules.test.js.
 */
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import vm from 'node:vm';
import { compile } from './compile.mjs';

function compileAs(kind, source, dependencies = ['a', '@s/b']) {
  return compile(source, JSON.stringify({ kind, dependencies }));
}

function needs(kind, source, expected) {
  test(`${kind}: ${JSON.stringify(source)}`, () => {
    const result = compileAs(kind, source);
    assert.ok(result.ok, result.message);
    assert.deepEqual(JSON.parse(result.needs), expected);
  });
}

describe('needs', () => {
  needs('worker', 'logger.info(1)', []);
  needs(
    'worker',
    `import 'a'; import x from 'a'; import { y } from "a/sub"; import * as z from '@s/b';`,
    ['ia', 'ia/sub', 'i@s/b'],
  );
  needs('worker', `require('a'); require("a"); require(\`@s/b/c\`); await import('a');`, [
    'ra',
    'r@s/b/c',
    'ia',
  ]);
  needs('worker', `require('a' + 1); import(globalThis.x)`, ['r*', 'i*']);
  needs('worker', `function f(require) { return require('fs'); } f(String)`, []);
  needs('worker', `const require = (x) => x; require('fs')`, []);
  needs(
    'worker',
    `import type { T } from 'types'; import { type U, v } from 'a'; const t: T = v;`,
    ['ia'],
  );
  needs(
    'commonjs',
    `var x = require('./x'); (function (require) { require('no') })(); require(y)`,
    ['r./x', 'r*'],
  );
  needs('commonjs', '#!/usr/bin/env node\nrequire("fs")', ['rfs']);
  needs('commonjs', '', []);
  needs(
    'module',
    `import a from './a.js'; export * from './b.js'; export { c } from './c.js'; import('d');`,
    ['i./a.js', 'i./b.js', 'i./c.js', 'id'],
  );
  needs('module', `require('x')`, []);
});

/** What the generated code calls beside the loader. */
const helpers = {
  __read: (iterable, count) => Array.from(iterable).slice(0, count),
  __makeTemplateObject: (cooked) => cooked,
};

/** Runs a module's code with stand-ins for what it imports; returns its exports. */
function run(source, modules = {}) {
  const result = compileAs('module', source);
  assert.ok(result.ok, result.message);
  const exports = {};
  const importModule = (specifier) => modules[specifier];
  importModule.exports = (target, getters) => {
    for (const name of Object.keys(getters))
      Object.defineProperty(target, name, { get: getters[name], enumerable: true });
  };
  importModule.all = (target, from) => {
    for (const name of Object.keys(from))
      if (name !== 'default' && !(name in target)) target[name] = from[name];
  };
  vm.runInNewContext(result.code, helpers)(exports, importModule, () => {});
  return exports;
}

describe('exports', () => {
  test('declarations of every kind, live', () => {
    const made = run(
      `export var a = 1; export let b = 2, [c, { d = 4 }] = [3, {}]; export function f() { b++; return b; }`,
    );
    assert.deepEqual([made.a, made.b, made.c, made.d, made.f(), made.b], [1, 2, 3, 4, 3, 3]);
  });
  test('lists, names, default and hoisting', () => {
    const made = run(
      `export { x as y, f as default }; const x = f(); function f() { return 'f'; }`,
    );
    assert.deepEqual([made.y, made.default()], ['f', 'f']);
    assert.equal(run(`export default 1 + 1;`).default, 2);
    assert.equal(run(`export default function () { return 3; }`).default(), 3);
    assert.equal(run(`export default function named() { return named.length; }`).default(), 0);
  });
  test('what is imported and passed on', () => {
    const m = { default: 'd', a: 1, late: undefined };
    const made = run(
      `import d, { a as b } from 'm'; import * as ns from 'm'; export { d, b, ns }; export * from 'm';
       export { late } from 'm'; export * as all from 'm';`,
      { m },
    );
    m.late = 'now';
    assert.deepEqual(
      [made.d, made.b, made.ns.a, made.a, made.late, made.all.a],
      ['d', 1, 1, 1, 'now', 1],
    );
    assert.equal('default' in made, false);
  });
  test('an imported function gets no this', () => {
    const m = {
      f() {
        'use strict';
        return this;
      },
    };
    assert.equal(run(`import { f } from 'm'; export const seen = f();`, { m }).seen, undefined);
    assert.equal(run("import { f } from 'm'; export const seen = f``;", { m }).seen, undefined);
  });
});

function refuses(kind, source, line, column, message) {
  test(`refuses ${kind}: ${JSON.stringify(source)}`, () => {
    const result = compileAs(kind, source);
    assert.equal(result.ok, false);
    assert.deepEqual([result.line, result.column], [line, column], result.message);
    assert.match(result.message, message);
  });
}

describe('refusals', () => {
  refuses('worker', `import x from 'c'`, 1, 15, /'c' is not among the worker's dependencies/);
  refuses('worker', `1;\n\trequire('@s/c')`, 2, 10, /'@s\/c' is not among/);
  refuses('worker', `await import("./x.js")`, 1, 14, /'\.\/x\.js' is no package/);
  refuses('worker', `import x from 'node:fs'`, 1, 15, /'node:fs' is no package/);
  refuses('worker', `import x from 'https://a/b.js'`, 1, 15, /is no package/);
  refuses('worker', `import x from '..'`, 1, 15, /is no package/);
  refuses('worker', `{ import x from 'a' }`, 1, 3, /top level/);
  refuses('worker', `function f() { import x from 'a' }`, 1, 16, /top level/);
  refuses('worker', `import { x } from 'a'; let x`, 1, 28, /'x' has already been declared/);
  refuses('worker', `import x, { x } from 'a'`, 1, 13, /'x' has already been declared/);
  refuses('worker', `export const x = 1`, 1, 1, /module syntax is not available/);
  refuses('worker', `import x = require('a')`, 1, 1, /module syntax is not available/);
  refuses('worker', `await import()`, 1, 7, /./);
  refuses('commonjs', `import x from 'a'`, 1, 1, /this file is CommonJS/);
  refuses('commonjs', `exports.x = 1;\nexport default 1`, 2, 1, /this file is CommonJS/);
  refuses('module', `export { x }`, 1, 10, /Export 'x' is not defined/);
  refuses('module', `export const x = 1;\nexport { x }`, 2, 10, /Duplicate export of 'x'/);
  refuses('module', `export default 1; export default 2`, 1, 19, /Duplicate export of 'default'/);
  refuses('module', `if (true) { export const x = 1 }`, 1, 13, /top level/);
  refuses('module', `export = 1`, 1, 1, /export =/);
  refuses('module', `import.meta.url`, 1, 1, /module syntax is not available/);
});

test('an imported name that is assigned throws, like a constant', () => {
  const result = compileAs('worker', `import { x } from 'a'; x = 1; x++;`);
  assert.ok(result.ok);
  assert.equal(result.code.match(/__constant\('x', /g).length, 2);
});

test('minified text keeps its imports and means the same', () => {
  const source = `import  x,{ y as z }  from 'a' // c\nimport * as n from "@s/b"\nz( x , n )`;
  const first = compileAs('worker', source);
  assert.equal(first.minified, `import x,{y as z}from'a';import*as n from"@s/b";z(x,n)`);
  const second = compileAs('worker', first.minified);
  assert.ok(second.ok, second.message);
  assert.equal(second.needs, first.needs);
  assert.equal(second.minified, first.minified);
});
