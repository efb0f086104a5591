// Packages: installed by amictl from tarballs and folders, refused when they are not what a package
// should be, and imported by scripts as CommonJS, ES modules and JSON; a worker waits for what is
// missing or damaged and starts by itself when it is there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { Amid, BIN } from './harness.js';

let amid;
const scratch = mkdtempSync(path.join(tmpdir(), 'amid-modules-'));
before(async () => {
  amid = await Amid.start();
});
after(async () => {
  await amid.stop();
  rmSync(scratch, { recursive: true });
});

function modulesFolder() {
  return path.join(amid.state, 'modules');
}

function amictl(args, { folder = modulesFolder(), cwd = scratch } = {}) {
  const { status, stdout, stderr } = spawnSync(
    path.join(BIN, 'amictl'),
    ['--modules', folder, 'modules', ...args],
    { encoding: 'utf8', cwd },
  );
  return { code: status, stdout, stderr };
}

/** One ustar header and its data; fields can be overridden to make a bad one. */
function member(name, data = '', { type = '0', link = '', size, prefix = '' } = {}) {
  const body = Buffer.from(data);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write((size ?? body.length).toString(8).padStart(11, '0') + '\0', 124);
  header.write('00000000000\0', 136);
  header.write(type, 156);
  header.write(link, 157, 100);
  header.write('ustar\0' + '00', 257);
  header.write(prefix, 345, 155);
  header.write('        ', 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(sum.toString(8).padStart(6, '0') + '\0 ', 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

function tarball(name, members) {
  const file = path.join(scratch, name);
  writeFileSync(file, gzipSync(Buffer.concat([...members, Buffer.alloc(1024)])));
  return file;
}

function folder(name, files) {
  const root = path.join(scratch, 'src', name.replace('/', '+'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), typeof text === 'string' ? text : JSON.stringify(text));
  }
  return root;
}

function install(name, files, manifest = {}) {
  const where = folder(name, {
    'package.json': { name, version: '1.0.0', ...manifest },
    ...files,
  });
  const result = amictl(['add', where]);
  assert.equal(result.code, 0, result.stderr);
}

describe('amictl modules', () => {
  const manifest = JSON.stringify({ name: 'tarred', version: '2.1.0' });

  test('installs a tarball, lists it, replaces and removes it', () => {
    const file = tarball('tarred-2.1.0.tgz', [
      member('package/', '', { type: '5' }),
      member('package/package.json', manifest),
      member('package/index.js', 'module.exports = 1'),
      member('package/README.md', '# no script'),
      member('package/deep/x.json', '{}'),
      member('y.js', '2', { prefix: 'package/from/prefix' }),
    ]);
    assert.deepEqual(amictl(['list']).stdout, 'There are no packages.\n');
    const added = amictl(['add', file]);
    assert.equal(added.code, 0, added.stderr);
    assert.match(added.stdout, /^installed tarred 2\.1\.0: 4 files, \d+ bytes\ntarball sha512-/);
    const rows = amictl(['list']).stdout.trimEnd().split('\n');
    assert.equal(rows.length, 2);
    assert.match(rows[1], /^tarred +2\.1\.0 +4 +sha512-[\w+/]{86}==$/);
    assert.equal(amictl(['add', file]).code, 0);
    assert.equal(readdirSync(modulesFolder()).filter((name) => /^[0-9a-f]/.test(name)).length, 1);
    assert.equal(amictl(['remove', 'tarred']).code, 0);
    const again = amictl(['remove', 'tarred']);
    assert.deepEqual([again.code, again.stderr.includes('is not installed')], [5, true]);
    assert.deepEqual(
      readdirSync(modulesFolder()).filter((name) => !name.startsWith('.')),
      ['index.json'],
    );
  });

  test('takes long names as pax and GNU tar write them', () => {
    const long = `package/${'d/'.repeat(60)}long.js`;
    const pax = `${long.length + 10} path=${long}\n`;
    const file = tarball('long.tgz', [
      member('package/package.json', manifest),
      member('pax', pax, { type: 'x' }),
      member('package/short', 'module.exports = 1'),
      member('././@LongLink', `${long}2.js\0`, { type: 'L' }),
      member('package/short', 'module.exports = 1'),
    ]);
    const added = amictl(['add', file]);
    assert.match(added.stdout, /3 files/, added.stderr);
    amictl(['remove', 'tarred']);
  });

  const good = member('package/package.json', manifest);
  const bad = {
    'a symbolic link': [
      [good, member('package/x.js', '', { type: '2', link: '/etc/passwd' })],
      /link/,
    ],
    'a hard link': [[good, member('package/x.js', '', { type: '1', link: 'package/y' })], /link/],
    'a device': [[good, member('package/x.js', '', { type: '3' })], /device/],
    'a fifo': [[good, member('package/x.js', '', { type: '6' })], /device/],
    'an absolute path': [[good, member('/etc/x.js', '1')], /leads elsewhere/],
    'a path with ..': [[good, member('package/../../x.js', '1')], /leads elsewhere/],
    '.. from pax': [
      [
        good,
        member('pax', '23 path=package/../x.js\n'.replace('23', '24'), { type: 'x' }),
        member('package/x.js', '1'),
      ],
      /leads elsewhere/,
    ],
    'a backslash': [[good, member('package/a\\..\\x.js', '1')], /leads elsewhere/],
    'a folder with ..': [[good, member('package/../x', '', { type: '5' })], /leads elsewhere/],
    'a size beyond the end': [
      [good, member('package/x.js', '1', { size: 1e6 })],
      /middle of a file/,
    ],
    'a wrong checksum': [[good, member('package/x.js', '1').fill('z', 0, 3)], /damaged/],
    'a damaged pax header': [[good, member('pax', '999 path=x\n', { type: 'x' })], /pax header/],
    'a native module': [[good, member('package/build/x.node', 'ELF')], /not pure JavaScript/],
    'a build recipe': [[good, member('package/binding.gyp', '{}')], /not pure JavaScript/],
    'no package.json': [[member('package/x.js', '1')], /no package.json/],
    'no JSON in it': [[member('package/package.json', '{')], /not JSON/],
    'no name': [[member('package/package.json', '{"version":"1"}')], /no name/],
    'a name that is a path': [
      [member('package/package.json', '{"name":"../x","version":"1"}')],
      /no name/,
    ],
    'the built-in name': [
      [member('package/package.json', '{"name":"gliesereum","version":"1"}')],
      /already/,
    ],
    'a file twice': [[good, member('package/x.js', '1'), member('package/x.js', '2')], /twice/],
    'a large file': [
      [good, member('package/x.js', 'x'.repeat(1024 * 1024 + 1))],
      /more than 1 MiB/,
    ],
    'large files': [
      [
        good,
        ...Array.from({ length: 9 }, (_, i) => member(`package/${i}.js`, 'x'.repeat(1000 * 1000))),
      ],
      /larger than 8 MiB/,
    ],
    'many files': [
      [good, ...Array.from({ length: 2001 }, (_, i) => member(`package/${i}.js`, '1'))],
      /more than 2000/,
    ],
  };
  for (const [what, [members, reason]] of Object.entries(bad)) {
    test(`refuses a tarball with ${what}`, () => {
      const before = readFileSync(path.join(modulesFolder(), 'index.json'), 'utf8');
      const result = amictl(['add', tarball('bad.tgz', members)]);
      assert.equal(result.code, 1, result.stdout);
      assert.match(result.stderr, reason);
      assert.equal(readFileSync(path.join(modulesFolder(), 'index.json'), 'utf8'), before);
    });
  }

  test('refuses what is no gzip, a cut one, a bomb, and a missing file', () => {
    const file = path.join(scratch, 'x.tgz');
    writeFileSync(file, 'not gzip');
    assert.match(amictl(['add', file]).stderr, /no gzip file/);
    writeFileSync(file, gzipSync(good).subarray(0, 40));
    assert.match(amictl(['add', file]).stderr, /no gzip file, or damaged/);
    writeFileSync(file, gzipSync(Buffer.alloc(130 * 1024 * 1024)));
    assert.match(amictl(['add', file]).stderr, /unpacks to more than 128 MiB/);
    assert.match(amictl(['add', path.join(scratch, 'absent.tgz')]).stderr, /cannot be read/);
    assert.equal(amictl(['add']).code, 2);
  });

  test('folders: a link is refused, packages below and dot files are left out', () => {
    const where = folder('linked', {
      'package.json': { name: 'linked', version: '1.0.0', scripts: { postinstall: 'rm -rf /' } },
      'index.js': '1',
      '.hidden/x.js': '1',
      'node_modules/other/index.js': '1',
    });
    const added = amictl(['add', where]);
    assert.match(
      added.stdout,
      /^installed linked 1\.0\.0: 2 files.*\nits install scripts were not run/,
    );
    symlinkSync('/etc/passwd', path.join(where, 'evil.js'));
    assert.match(amictl(['add', where]).stderr, /link/);
    amictl(['remove', 'linked']);
  });

  test('a name is looked for in node_modules', () => {
    const where = path.join(scratch, 'project');
    mkdirSync(path.join(where, 'node_modules/@scope/inner'), { recursive: true });
    writeFileSync(
      path.join(where, 'node_modules/@scope/inner/package.json'),
      '{"name":"@scope/inner","version":"0.1.0"}',
    );
    assert.match(
      amictl(['add', '@scope/inner'], { cwd: where }).stdout,
      /^installed @scope\/inner/,
    );
    amictl(['remove', '@scope/inner']);
  });
});

describe('import forms', () => {
  before(() => {
    install('cjs', {
      'index.js': `'use strict';
        exports.name = 'cjs';
        const part = require('./lib/part');
        exports.part = part; exports.count = 0;
        exports.add = function () { exports.count++; return this === undefined ? 'no this' : typeof this; };
        exports.file = [__filename, __dirname, typeof module, this === exports];`,
      'lib/part.js': `module.exports = { data: require('../data.json'), up: require('..').name };`,
      'data.json': '{"n":[1,2]}',
      'fn.js': `module.exports = function twice(x) { return 2 * x; }; module.exports.extra = 'e';`,
    });
    install(
      'esm',
      {
        'main.mjs': `import cjs, { name as other } from 'cjs';
          import * as ns from './lib/util.js';
          export { ns, other };
          export * from './lib/util.js';
          export * as again from './lib/util.js';
          export let counter = 0;
          export function inc() { counter += 1; return counter; }
          export default class Thing { get kind() { return cjs.name; } }
          export const { a, b: [c] } = { a: 1, b: [2] };`,
        'lib/util.js': `export const util = 'u'; export default 'not by star'; export function late() { return value; } const value = 'later';`,
        'legacy.cjs': `exports.legacy = true;`,
      },
      {
        type: 'module',
        dependencies: { cjs: '^1.0.0' },
        exports: {
          '.': { import: './main.mjs', require: './legacy.cjs' },
          './util': './lib/util.js',
          './lib/*': { default: './lib/*.js' },
        },
      },
    );
  });
  const dependencies = ['cjs', 'esm', '@x/cycle'];
  before(() => {
    install('@x/cycle', {
      'index.js': `exports.a = require('./a.js'); `,
      'a.js': `exports.early = 1; const b = require('./b.js'); exports.fromB = b.seen; exports.done = true;`,
      'b.js': `const a = require('./a.js'); exports.seen = [a.early, a.done];`,
      'esm/x.mjs': `import { y, readX } from './y.mjs'; export const x = 'x'; export const both = y + readX();`,
      'esm/y.mjs': `import { x } from './x.mjs'; export const y = 'y'; export function readX() { return typeof x; }`,
      'throws.js': `globalThis.tries = (globalThis.tries || 0) + 1; throw new RangeError('try ' + globalThis.tries);`,
      'bad.js': `let x = ;`,
      'stack.js': `\n\nexports.fail = function fail() {\n  throw new Error('deep');\n};`,
    });
  });

  test('default, named, namespace and bare imports of CommonJS', async () => {
    const result = await amid.evaluate.call(
      amid,
      `const seen = {};
       const cjs = require('cjs');
       const { add, count } = cjs;
       seen.part = cjs.part;
       seen.file = cjs.file;
       seen.same = (await import('cjs')).default === cjs;
       seen.keys = Object.keys(await import('cjs')).sort();
       seen.fn = (await import('cjs/fn.js')).default(21) + require('cjs/fn').extra;
       return seen;`,
      { dependencies },
    );
    assert.deepEqual(result, {
      part: { data: { n: [1, 2] }, up: 'cjs' },
      file: ['/cjs/index.js', '/cjs', 'object', true],
      same: true,
      keys: ['add', 'count', 'default', 'file', 'name', 'part'],
      fn: '42e',
    });
  });

  test('static imports are hoisted and live, and calls get no this', async () => {
    const from = amid.logMark();
    const sid = await amid.runWorker(
      `logger.info('early ' + name + ' ' + typeof Thing);
       import Thing, { counter, inc, ns, other as name, a, c, again, late } from 'esm';
       import * as whole from "esm";
       import cjs, { add, count } from 'cjs';
       import 'cjs';
       inc(); inc();
       logger.info(JSON.stringify([counter, whole.counter, new Thing().kind, ns.util, a, c, again === ns, late(), whole.util]));
       logger.info(JSON.stringify([add(), count, cjs.count, Object.keys(whole).sort()]));
       try { counter = 5; } catch (error) { logger.info(error.name + ' ' + error.message); }
       const { counter: copy } = whole; const object = { counter, inc };
       logger.info(JSON.stringify([copy, object.counter, typeof object.inc, [add].map((fn) => fn())]));`,
      { mode: 'single', dependencies },
    );
    await amid.waitState(sid, 'completed');
    const lines = amid.log.items.slice(from).join('\n');
    assert.match(lines, /early cjs function/);
    assert.match(lines, /\[2,2,"cjs","u",1,2,true,"later","u"\]/);
    assert.match(
      lines,
      /\["no this",1,1,\["a","again","c","counter","default","inc","late","ns","other","util"\]\]/,
    );
    assert.match(lines, /TypeError Assignment to constant variable/);
    assert.match(lines, /\[2,2,"function",\["no this"\]\]/);
    await amid.call('deleteWorker', { sid });
  });

  test('cycles, and the state of a package through iterations', async () => {
    const result = await amid.evaluate(
      `const { a } = require('@x/cycle');
       const { both } = await import('@x/cycle/esm/x.mjs');
       return { a, both };`,
      { dependencies },
    );
    assert.deepEqual(result, { a: { early: 1, fromB: [1, null], done: true }, both: 'ystring' });
    const from = amid.logMark();
    const sid = await amid.runWorker(`import { inc } from 'esm'; logger.info('run ' + inc());`, {
      dependencies,
    });
    await amid.waitLog(/run 3/, { from });
    await amid.call('deleteWorker', { sid });
  });

  test('what fails says so, with the place in the package', async () => {
    const result = await amid.evaluate(
      `const seen = [];
       const attempt = async (fn) => { try { seen.push(await fn()); } catch (error) { seen.push(error.name + ': ' + error.message); } };
       await attempt(() => require('@x/cycle/throws'));
       await attempt(() => require('@x/cycle/throws'));
       await attempt(() => require('@x/cycle/bad'));
       await attempt(() => import('@x/cycle/absent'));
       await attempt(() => require(['f', 's'].join('')));
       await attempt(() => require(['c', 'js'].join('')).name);
       await attempt(() => import(['esm'][0]).then((m) => m.c));
       await attempt(() => require(7));
       try { require('@x/cycle/stack').fail(); } catch (error) { seen.push(error.stack.split('\\n').slice(0, 2).join('|')); }
       return seen;`,
      { dependencies },
    );
    assert.deepEqual(result, [
      'RangeError: try 1',
      'RangeError: try 2',
      'SyntaxError: @x/cycle/bad.js could not be compiled: line 1, column 9: Expression expected.',
      "Error: Cannot find module '@x/cycle/absent' from the script: it is none of the worker's dependencies, or no file of theirs",
      "Error: Cannot find module 'fs' from the script: it is none of the worker's dependencies, or no file of theirs",
      'cjs',
      2,
      'TypeError: require() takes the name of a module, a string',
      'Error: deep|    at fail (@x/cycle/stack.js:4)',
    ]);
  });

  test('a name that a package does not export', async () => {
    const sid = await amid.runWorker(`import { nope } from 'esm'; logger.info(nope);`, {
      dependencies,
    });
    await amid.waitState(sid, 'backoff');
    assert.equal(
      (await amid.stats(sid)).lastError,
      "SyntaxError: The module 'esm' does not provide an export named 'nope' (line 1)",
    );
    await amid.call('deleteWorker', { sid });
  });

  test('what is not listed is refused when the worker is saved', async () => {
    for (const [script, line, column, message] of [
      [`\n  import x from 'left-pad'`, 2, 17, "'left-pad' is not among the worker's dependencies"],
      [`const x = require("esm/util")`, 1, 19, "'esm' is not among the worker's dependencies"],
      [`await import('cjs')`, 1, 14, "'cjs' is not among the worker's dependencies"],
      [`import x from './local.js'`, 1, 15, "'./local.js' is no package"],
      [`import fs from 'node:fs'`, 1, 16, "'node:fs' is no package"],
    ]) {
      const answer = await amid.call('setWorker', { scriptContent: script });
      assert.equal(answer.status, 400, script);
      assert.deepEqual([answer.body.line, answer.body.column], [line, column], script);
      assert.ok(answer.body.error.includes(message), answer.body.error);
    }
  });

  test('gliesereum is there without being installed', async () => {
    const result = await amid.evaluate(`
      const { default: all, validateAddress } = await import('gliesereum');
      const address = require('gliesereum').createWallet().address;
      return [all === Stels.blockchain, validateAddress(address)];`);
    assert.deepEqual(result, [true, true]);
    const sid = await amid.runWorker(`import { nonesuch } from 'gliesereum';`);
    await amid.waitState(sid, ['backoff', 'failed']);
    assert.match((await amid.stats(sid)).lastError, /SyntaxError: .*nonesuch/);
  });
});

describe('limits', () => {
  test('files and bytes of one worker', async () => {
    const many = { 'index.js': '' };
    for (let i = 0; i < 1001; i++) many['index.js'] += `require('./${i}.js');`;
    for (let i = 0; i < 1001; i++) many[`${i}.js`] = '';
    install('many', many);
    const text = JSON.stringify('x'.repeat(900 * 1000));
    install('large', {
      'index.js': `for (const i of [0, 1, 2, 3]) require('./' + i + '.json'); exports.all = [require('./0.json'), require('./1.json'), require('./2.json'), require('./3.json')].length;`,
      '0.json': text,
      '1.json': text,
      '2.json': text,
      '3.json': text,
    });
    for (const [name, reason] of [
      ['many', /ModuleError: its packages have more than 1000 files that it needs/],
      ['large', /ModuleError: the files of its packages are larger than 3 MiB together/],
    ]) {
      const from = amid.mark();
      const sid = await amid.runWorker(`require('${name}')`, { dependencies: [name] });
      await amid.waitState(sid, 'backoff', { from });
      assert.match((await amid.stats(sid)).lastError, reason);
      await amid.call('deleteWorker', { sid });
    }
  });
});

describe('a worker waits', () => {
  test('for a package that is not installed, and for one that this needs', async () => {
    const from = amid.mark();
    const sid = await amid.runWorker(`import { text } from 'later'; logger.info('has ' + text);`, {
      dependencies: ['later'],
      mode: 'single',
    });
    await amid.waitState(sid, 'waiting', { from });
    assert.equal(
      (await amid.view(sid)).instance.reason,
      'waiting for package "later", which is not installed on this node',
    );
    const second = amid.mark();
    install(
      'later',
      { 'index.js': `exports.text = require('deeper');` },
      { dependencies: { deeper: '1' } },
    );
    const event = await amid.waitFor(
      (each) => each.event === 'state' && each.sid === sid && /deeper/.test(each.reason ?? ''),
      { from: second },
    );
    assert.equal(event.to, 'waiting');
    assert.equal(
      event.reason,
      'waiting for package "deeper", which "later" needs, is not installed on this node',
    );
    const logs = amid.logMark();
    install('deeper', { 'index.js': `module.exports = 'depth';` });
    await amid.waitState(sid, 'completed');
    await amid.waitLog(/has depth/, { from: logs });
    await amid.call('deleteWorker', { sid });
  });

  test('for one that was changed on the disk, until it is installed again', async () => {
    install('pinned', { 'index.js': `module.exports = 'as installed';` });
    const entry = JSON.parse(readFileSync(path.join(modulesFolder(), 'index.json'), 'utf8'))
      .packages.pinned;
    const hash = Buffer.from(entry.integrity.slice(7), 'base64').subarray(0, 16).toString('hex');
    const file = path.join(modulesFolder(), `${hash}.json`);
    writeFileSync(file, readFileSync(file, 'utf8').replace('as installed', 'as tampered!'));
    const from = amid.mark();
    const sid = await amid.runWorker(`logger.info('it is ' + require('pinned'));`, {
      dependencies: ['pinned'],
      mode: 'single',
    });
    const event = await amid.waitFor(
      (each) => each.event === 'state' && each.sid === sid && each.to === 'waiting',
      { from },
    );
    assert.match(
      event.reason,
      /package "pinned".* does not match the integrity that was recorded when it was installed; install it again/,
    );
    const logs = amid.logMark();
    install('pinned', {});
    await amid.waitState(sid, 'completed', { from });
    await amid.waitLog(/it is as installed/, { from: logs });
    await amid.call('deleteWorker', { sid });
  });

  test('again when its package is removed', async () => {
    install('going', { 'index.js': '' });
    const from = amid.mark();
    const sid = await amid.runWorker(`await Stels.sleep(1e8);`, { dependencies: ['going'] });
    await amid.waitState(sid, 'running', { from });
    amictl(['remove', 'going']);
    await amid.waitState(sid, 'waiting', { from });
    await amid.call('deleteWorker', { sid });
  });

  test('an index that makes no sense leaves the packages as they were', async () => {
    install('kept', { 'index.js': `module.exports = 'kept';` });
    const index = path.join(modulesFolder(), 'index.json');
    const text = readFileSync(index, 'utf8');
    writeFileSync(index, '{"format":1,"packages":{"../x":{}}}');
    const from = amid.logMark();
    amid.child.kill('SIGHUP');
    await amid.waitLog(/index\.json cannot be read.*the packages stay as they were/, { from });
    assert.equal(
      await amid.evaluate(`return require('kept');`, { dependencies: ['kept'] }),
      'kept',
    );
    assert.match(amictl(['list']).stdout, /./);
    writeFileSync(index, text);
  });
});
