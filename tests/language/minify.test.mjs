/**
 * The promise held here: the stored script (raw.script) is the owner's tokens without comments and needless white
 * space, and means the same. Held over every program of programs/: the minified text compiles to the same code, and
 * minifying it again changes nothing.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { compileWorker } from './compile.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'programs');

/** Generated code without the line breaks that follow the owner's. */
function flat(code) {
  return code.replace(/\s+/g, '');
}

for (const name of readdirSync(folder).filter((each) => each.endsWith('.js'))) {
  test(`minified ${name} means the same`, () => {
    const first = compileWorker(readFileSync(join(folder, name), 'utf8'));
    if (!first.ok) return;
    const second = compileWorker(first.minified);
    assert.equal(second.message, '');
    assert.equal(flat(second.code), flat(first.code));
    assert.equal(second.minified, first.minified);
  });
}

const cases = [
  [
    "logger.info('Hello from worker!'); await Stels.sleep(1000);",
    "logger.info('Hello from worker!');await Stels.sleep(1000);",
  ],
  ['a + +b; a - -b; a++ + b; a - --b', 'a+ +b;a- -b;a++ +b;a- --b'],
  ['let a = 1\nlet b = 2\nf()', 'let a=1;let b=2;f()'],
  ['return\n5', 'return;5'],
  ['x = /re/g .test(y) / 2', 'x=/re/g.test(y)/2'],
  ['x = a / b / c', 'x=a/b/c'],
  ['if (a) return /x/; else b', 'if(a)return/x/;else b'],
  ['t = `a ${ b + 1 } /* c */\n d`', 't=`a ${b+1} /* c */\n d`'],
  ['// only\nf() /* gone */ // too\n', 'f()'],
  ['"use strict"\nf()', '"use strict";f()'],
  ['do f(); while (x)\ng()', 'do f();while(x);g()'],
  ['a\n++\nb', 'a;++b'],
  ['x = 1..toString() + 1 .toFixed()', 'x=1..toString()+1 .toFixed()'],
  ['for (;;) { break }', 'for(;;){break}'],
  ['class A { a = 1\n b\n static c = 2\n m() {} }', 'class A{a=1;b;static c=2;m(){}}'],
  ['type T = { a: string\n b: number }\nlet x: T', 'type T={a:string;b:number};let x:T'],
  ['x = a ? .5 : 1', 'x=a? .5:1'],
  ['a < ! --b', 'a< !--b'],
  ['x = y as  any', 'x=y as any'],
  ['async () => { await  x }', 'async()=>{await x}'],
  ['let f = async x => x; let in1 = "a" in b', 'let f=async x=>x;let in1="a"in b'],
  ['label : for (const x of y) continue label', 'label:for(const x of y)continue label'],
  ['`${`${ a }`}`', '`${`${a}`}`'],
  ['a = b\n(c)', 'a=b(c)'],
  ['a = b\n/c/d', 'a=b/c/d'],
  ['throw new Error("x")\n', 'throw new Error("x")'],
  ['i++\nj--\nk', 'i++;j--;k'],
  ['if (a) b\nelse c', 'if(a)b;else c'],
  ['x = function () { return 1 }\ny()', 'x=function(){return 1};y()'],
  ['export1 = 1, \u00e4 = 2', 'export1=1,\u00e4=2'],
];
for (const [source, expected] of cases) {
  test(`minifies ${JSON.stringify(source)}`, () => {
    const result = compileWorker(source);
    assert.equal(result.message, '');
    assert.equal(result.minified, expected);
  });
}
