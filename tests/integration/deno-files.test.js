// A worker's own folder through Deno's file functions: what each does, the class of each error, that nothing leads out
// of the folder (not even links that somebody planted in it), the quota, a full disk, and the folder's life: it
// survives restarts of amid and ends with its worker.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Amid, makeStateFolder } from './harness.js';

const HELPERS = `
const name = async (f) => { try { await f(); return 'none'; } catch (e) {
  const known = Object.keys(Deno.errors).find((key) => e.constructor === Deno.errors[key]);
  return known ?? e.name; } };
const list = async (p) => (await Array.fromAsync(Deno.readDir(p))).map((e) => e.name + (e.isDirectory ? '/' : '')).sort();
`;

/** Waits until a condition of the file system holds; there is no event for what amid does in the background. */
async function until(condition, what) {
  for (let i = 0; i < 500; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`never came true: ${what}`);
}

describe('files', () => {
  let amid;
  before(async () => {
    amid = await Amid.start({ env: { AMID_FILES_QUOTA_MIB: '8', AMID_FILES_COUNT: '20' } });
  });
  after(() => amid.stop());

  const run = (body, members) => amid.evaluate(HELPERS + body, members);

  test('text and bytes, appended, replaced, made anew', async () => {
    const got = await run(`
      await Deno.writeTextFile('a.txt', 'grüße \\u{1F600}');
      await Deno.writeTextFile('/a.txt', ' more', { append: true });
      await Deno.writeTextFile('new.txt', 'x', { append: true });
      await Deno.writeFile('./b.bin', new Uint8Array([0, 1, 255]));
      await Deno.writeFile('empty', new Uint8Array(0));
      await Deno.writeTextFile('a2.txt', 'first');
      await Deno.writeTextFile('a2.txt', '2nd');
      return [
        await Deno.readTextFile('sub/../a.txt'),
        Array.from(await Deno.readFile('b.bin')),
        (await Deno.readFile('empty')).length, await Deno.readTextFile('empty'), await Deno.readTextFile('a2.txt'),
        await name(() => Deno.writeTextFile('a2.txt', 'x', { createNew: true })),
        await name(() => Deno.writeTextFile('a3.txt', 'x', { create: false })),
        await name(() => Deno.writeTextFile('a3.txt', 'x', { create: false, append: true })),
        await name(() => Deno.readTextFile('nothing')),
        await name(() => Deno.readTextFile('nothing/x')),
        await name(() => Deno.writeFile('x', 'text')),
        await list('/'),
      ];`);
    assert.deepEqual(got, [
      'grüße \u{1F600} more',
      [0, 1, 255],
      0,
      '',
      '2nd',
      'AlreadyExists',
      'NotFound',
      'NotFound',
      'NotFound',
      'NotFound',
      'TypeError',
      ['a.txt', 'a2.txt', 'b.bin', 'empty', 'new.txt'],
    ]);
  });

  test('folders, stat, rename, copy, truncate, remove', async () => {
    const got = await run(`
      const before = Date.now();
      await Deno.mkdir('d');
      await Deno.mkdir('d/e/f', { recursive: true });
      await Deno.mkdir('d/e/f', { recursive: true });
      await Deno.writeTextFile('d/e/f/x', '12345');
      const info = await Deno.stat('d/e/f/x');
      const out = [
        [info.isFile, info.isDirectory, info.size, info.mtime instanceof Date, Math.abs(info.mtime - before) < 60000],
        (await Deno.lstat('/')).isDirectory,
        await name(() => Deno.mkdir('d')), await name(() => Deno.mkdir('d/e/f/x/y', { recursive: true })),
        await name(() => Deno.readFile('d')), await name(() => Deno.writeTextFile('d', '')),
        await name(() => Deno.readTextFile('d/e/f/x/y')), await name(() => Deno.remove('d')),
        await name(() => Array.fromAsync(Deno.readDir('d/e/f/x'))), await name(() => Deno.remove('gone')),
        await name(() => Deno.rename('d', 'd/e/f/g')), await name(() => Deno.rename('gone', 'x')),
        await name(() => Deno.rename('d/e/f/x', 'd/e')),
      ];
      await Deno.copyFile('d/e/f/x', 'copy');
      await Deno.truncate('copy', 2);
      await Deno.rename('copy', 'moved');
      out.push(await Deno.readTextFile('moved'), await list('d/e'), (await Deno.stat('/d/e/f')).size >= 0);
      await Deno.truncate('moved');
      out.push(await Deno.readTextFile('moved'));
      await Deno.remove('d', { recursive: true });
      await Deno.remove('moved');
      out.push(await list('/'));
      return out;`);
    assert.deepEqual(got, [
      [true, false, 5, true, true],
      true,
      'AlreadyExists',
      'NotADirectory',
      'IsADirectory',
      'IsADirectory',
      'NotADirectory',
      'Error',
      'NotADirectory',
      'NotFound',
      'TypeError',
      'NotFound',
      'IsADirectory',
      '12',
      ['f/'],
      true,
      '',
      [],
    ]);
  });

  test('what leaves the folder, and what a path cannot be', async () => {
    const got = await run(`
      const bad = ['..', '../x', '/..', 'a/../../x', '/../../../etc/passwd', '.amid-new', 'd/.amid-x', '/'];
      const out = [];
      for (const p of bad) out.push(await name(() => p === '/' ? Deno.remove(p, { recursive: true }) : Deno.readTextFile(p)));
      for (const p of ['', 'a\\0b', 'a\\nb', 5, null, 'x'.repeat(300), 'd/'.repeat(40) + 'x', 'x'.repeat(5000)]) {
        out.push(await name(() => Deno.readTextFile(p)));
      }
      out.push(await name(() => Deno.rename('a', '../b')), await name(() => Deno.copyFile('a')));
      out.push(await Deno.readTextFile('../../etc/passwd').catch((e) => e.message));
      out.push(await Deno.readTextFile('no/where').catch((e) => e.message));
      return out;`);
    assert.deepEqual(got, [
      ...Array(8).fill('PermissionDenied'),
      ...Array(5).fill('TypeError'),
      ...Array(3).fill('RangeError'),
      'PermissionDenied',
      'TypeError',
      'this worker lacks the permission: files ../../etc/passwd',
      "No such file or directory: '/no/where'",
    ]);
  });

  test('links, FIFOs and shared files that somebody planted lead nowhere', async () => {
    const secret = path.join(amid.state, 'owner.token');
    const sid = await amid.runWorker(
      `${HELPERS}
      await Deno.writeTextFile('own', 'mine');
      await Deno.mkdir('dir');
      logger.info('planted?');
      while ((await Stels.local.get(['go'])).value === null) await Stels.sleep(20);
      const out = [];
      for (const p of ['link', 'dirlink/owner.token', 'hard', 'fifo', 'dangling', 'abs/etc/passwd']) {
        out.push(await name(() => Deno.readTextFile(p)));
        out.push(await name(() => Deno.writeTextFile(p, 'x', { append: true })));
        out.push(await name(() => Deno.stat(p)));
      }
      out.push(await name(() => Deno.writeTextFile('link', 'over')), await name(() => Deno.copyFile('link', 'stolen')));
      out.push(await name(() => Array.fromAsync(Deno.readDir('dirlink'))));
      await Deno.remove('dirlink');
      await Deno.remove('dir', { recursive: true });
      logger.info('tried=' + out.join());`,
      { mode: 'single' },
    );
    await amid.waitLog(/planted\?/);
    const folder = path.join(amid.state, 'files', sid);
    symlinkSync(secret, path.join(folder, 'link'));
    symlinkSync(amid.state, path.join(folder, 'dirlink'));
    symlinkSync('/', path.join(folder, 'abs'));
    symlinkSync('/nowhere', path.join(folder, 'dangling'));
    linkSync(secret, path.join(folder, 'hard'));
    execFileSync('mkfifo', [path.join(folder, 'fifo')]);
    symlinkSync(amid.state, path.join(folder, 'dir', 'inner'));
    await amid.evaluate(`await Stels.local.set(['go'], 1);`);
    const tried = /tried=(\S+)/.exec(await amid.waitLog(/tried=/))[1].split(',');
    // stat tells the size of a file that others name too; its content it does not get.
    tried[3 * 2 + 2] = 'PermissionDenied';
    assert.deepEqual(new Set(tried), new Set(['PermissionDenied']), tried.join());
    assert.equal(readFileSync(secret, 'utf8').trim(), amid.token);
    assert.ok(existsSync(path.join(amid.state, 'amid.db')));
    await amid.call('deleteWorker', { sid });
    await until(() => !existsSync(folder), 'the folder is gone');
    assert.equal(readFileSync(secret, 'utf8').trim(), amid.token);
  });

  test('the quota of bytes and of files is exact and what is removed comes back', async () => {
    const got = await run(`
      const mib = new Uint8Array(1024 * 1024);
      const three = new Uint8Array(3 * 1024 * 1024);
      const out = [];
      await Deno.writeFile('a', three);
      await Deno.writeFile('b', three);
      out.push(await name(() => Deno.writeFile('c', three)));
      await Deno.writeFile('c', mib);
      await Deno.writeFile('c', mib, { append: true });
      out.push(await name(() => Deno.writeTextFile('c', '!', { append: true })), (await Deno.stat('c')).size);
      out.push(await name(() => Deno.truncate('c', 3 * 1024 * 1024)), await name(() => Deno.copyFile('a', 'd')));
      await Deno.writeFile('a', mib);
      await Deno.rename('a', 'b');
      await Deno.writeFile('d', three);
      out.push(await list('/'));
      out.push(await name(() => Deno.writeFile('big', new Uint8Array(3 * 1024 * 1024 + 1))));
      let made = 0;
      while ((await name(() => Deno.mkdir('m' + made))) === 'none') made++;
      out.push(made, await name(() => Deno.writeTextFile('one', '')), await name(() => Deno.mkdir('m1/x/y', { recursive: true })));
      await Deno.remove('m1');
      await Deno.writeTextFile('one', '');
      out.push(await Deno.mkdir('z').catch((e) => e.message));
      return out;`);
    assert.deepEqual(got, [
      'QuotaExceededError',
      'QuotaExceededError',
      2 * 1024 * 1024,
      'QuotaExceededError',
      'QuotaExceededError',
      ['b', 'c', 'd'],
      'RangeError',
      17,
      'QuotaExceededError',
      'QuotaExceededError',
      "the quota of this worker's folder is reached (files.quota_mib, files.count): '/z'",
    ]);
  });

  test('a signal ends the wait, a used one refuses at once', async () => {
    const got = await run(`
      const used = AbortSignal.abort(new TypeError('used'));
      const fresh = new AbortController();
      const reading = Deno.writeTextFile('later', 'x', { signal: fresh.signal });
      fresh.abort(new RangeError('now'));
      return [await name(() => Deno.readTextFile('x', { signal: used })), await name(() => reading)];`);
    assert.deepEqual(got, ['TypeError', 'RangeError']);
  });

  test('many at once, in the order they were asked for', async () => {
    const got = await run(`
      const all = [];
      for (let i = 0; i < 200; i++) all.push(Deno.writeTextFile('log', i + ',', { append: true }));
      await Promise.all(all);
      return await Deno.readTextFile('log');`);
    assert.equal(got, Array.from({ length: 200 }, (_, i) => `${i},`).join(''));
  });
});

describe('the life of the folder', () => {
  test('it survives restarts, its account too; a killed amid leaves no half file; it ends with its worker', async () => {
    const state = makeStateFolder();
    const env = { AMID_FILES_QUOTA_MIB: '1' };
    const script = `
      const before = await Deno.readTextFile('count').catch((e) => e.name);
      await Deno.writeTextFile('count', (before === 'NotFound' ? '' : before) + 'x'.repeat(500 * 1024))
        .then(() => logger.info('wrote'), (e) => logger.info('refused ' + e.name));
      logger.info('found=' + before.length);
      await Stels.sleep(1e8);`;
    try {
      let amid = await Amid.start({ state, env });
      const sid = await amid.runWorker(script);
      await amid.waitLog(/found=8/);
      await amid.crash();
      const folder = path.join(state, 'files', sid);
      writeFileSync(path.join(folder, '.amid-new'), 'left by a kill');
      const stranger = path.join(state, 'files', '11111111-2222-4333-8444-555555555555');
      mkdirSync(path.join(stranger, 'deep'), { recursive: true });
      const { uid, gid } = statSync(folder);
      for (const made of [stranger, path.join(stranger, 'deep')]) chownSync(made, uid, gid);

      amid = await Amid.start({ state, env });
      await amid.waitLog(/found=512000/);
      await until(() => !existsSync(stranger), 'what belongs to nobody is gone');
      assert.deepEqual(readdirSync(folder), ['count']);
      assert.equal(statSync(path.join(state, 'files')).mode & 0o777, 0o700);
      await amid.stop({ keepState: true });

      amid = await Amid.start({ state, env });
      await amid.waitLog(/refused QuotaExceededError/);
      await amid.waitLog(/found=1024000/);
      await amid.call('deleteWorker', { sid });
      await until(() => readdirSync(path.join(state, 'files')).length === 0, 'nothing is left');
      await amid.stop({ keepState: true });
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  });

  test(
    'a full disk is a clear error, leaves the old content and is over when there is room',
    { skip: process.getuid() === 0 ? false : 'mounting a small file system needs root' },
    async () => {
      const mount = mkdtempSync(path.join(tmpdir(), 'amid-files-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m,mode=755', 'tmpfs', mount]);
      try {
        const amid = await Amid.start({ state: path.join(mount, 'state') });
        const got = await amid.evaluate(`
          const data = new Uint8Array(2 * 1024 * 1024);
          await Deno.writeTextFile('kept', 'old');
          let full = '', n = 0;
          try { for (; n < 10; n++) await Deno.writeFile('f' + n, data); } catch (e) { full = e.name + ': ' + e.message; }
          const small = await Deno.writeFile('kept', data).catch((e) => e.message);
          const added = await Deno.writeFile('kept', data, { append: true }).catch((e) => e.message);
          const kept = await Deno.readTextFile('kept');
          await Deno.remove('f0');
          await Deno.writeFile('again', data);
          return [full, n > 0 && n < 10, small, added, kept];`);
        assert.match(got[0], /^Error: no space left on the disk: '\/f\d'/);
        assert.deepEqual(got.slice(1), [
          true,
          "no space left on the disk: '/kept'",
          "no space left on the disk: '/kept'",
          'old',
        ]);
        await amid.stop();
      } finally {
        execFileSync('umount', ['--lazy', mount]);
        rmSync(mount, { recursive: true });
      }
    },
  );
});
