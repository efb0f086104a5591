// Bad luck and bad neighbours: a flood of log lines, a second amid on the same folder, a database
// that is damaged or from a newer amid, a full disk, settings that are wrong.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';

import { Amid, BIN, makeStateFolder } from './harness.js';

const IDLE = 'await Stels.sleep(1e8);';
const isRoot = process.getuid() === 0;

/** Starts amid expecting it to refuse; returns its exit code and what it said. */
async function refusal(state, env = {}, args = []) {
  const amid = new Amid({ state, env, args });
  await assert.rejects(amid.launch());
  const { code } = await amid.ended;
  return { code, text: amid.log.items.join('\n') };
}

function hash(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

describe('log flood', () => {
  test('is cut per worker with a line that counts what was dropped', async () => {
    const amid = await Amid.start();
    const flood = await amid.runWorker(
      `for (let n = 0; n < 5000; n++) logger.info('flood-' + n);
       logger.info('flood over'); ${IDLE}`,
      { priority: 'low' },
    );
    await amid.waitState(flood, 'running');
    const quiet = await amid.runWorker(`logger.info('quiet neighbour'); ${IDLE}`);
    await amid.waitLog(/quiet neighbour/);
    await amid.waitState(quiet, 'running');
    const said = await amid.waitLog(/suppressed (\d+) lines/i);
    const dropped = Number(/suppressed (\d+) lines/i.exec(said)[1]);
    assert.ok(dropped > 0);
    const shown = amid.log.items.filter((line) => /flood-\d+/.test(line)).length;
    assert.ok(shown < 5000, `all ${shown} lines were shown`);
    await amid.stop();
  });

  test('control characters and long lines of a script cannot forge a line', async () => {
    const amid = await Amid.start();
    await amid.runWorker(
      `logger.info('first\\nERROR amid forged\\u001b[31m\\u0000end');
       logger.info('long ' + 'y'.repeat(20000));
       logger.info('last of three'); ${IDLE}`,
    );
    await amid.waitLog(/last of three/);
    const lines = amid.log.items;
    assert.ok(lines.some((line) => line.includes('first') && line.includes('forged')));
    assert.ok(!lines.some((line) => line.startsWith('ERROR amid forged')));
    assert.ok(!lines.some((line) => line.includes('\u001b')));
    assert.ok(lines.find((line) => line.includes('long yyy')).length < 9000);
    await amid.stop();
  });
});

describe('the state folder', () => {
  test('belongs to one amid at a time', async () => {
    const amid = await Amid.start();
    await amid.makeWorker('logger.info(1)');
    const { code, text } = await refusal(amid.state);
    assert.equal(code, 69, text);
    assert.match(text, /another amid/i);
    assert.equal((await amid.call('listWorkers')).body.length, 1);
    await amid.stop();
  });

  for (const [name, damage] of [
    ['overwritten pages', (file) => writeFileSync(file, Buffer.alloc(32768, 0x5a))],
    ['a text file', (file) => writeFileSync(file, 'this is not a database at all\n'.repeat(100))],
    [
      'a newer version',
      (file) => execFileSync('node', ['-e', SET_USER_VERSION, file], { stdio: 'inherit' }),
    ],
  ]) {
    test(`${name}: amid refuses and leaves the file untouched`, async () => {
      const amid = await Amid.start({ state: makeStateFolder() });
      await amid.makeWorker('logger.info(1)');
      await amid.stop({ keepState: true });
      const file = path.join(amid.state, 'amid.db');
      damage(file);
      const earlier = hash(file);
      const { code, text } = await refusal(amid.state);
      assert.equal(code, 65, text);
      assert.match(text, /damaged|newer|not a database/i);
      assert.equal(hash(file), earlier, 'the file was changed');
      rmSync(amid.state, { recursive: true });
    });
  }

  test('owner.token is readable by its owner alone and stays the same', async () => {
    const state = makeStateFolder();
    const first = await Amid.start({ state });
    assert.equal(statSync(path.join(state, 'owner.token')).mode & 0o777, 0o600);
    assert.match(first.token, /^[0-9a-f]{64}$/);
    await first.stop({ keepState: true });
    const second = await Amid.start({ state });
    assert.equal(second.token, first.token);
    await second.stop();
    rmSync(state, { recursive: true });
  });
});

// The user_version of an SQLite file is a big-endian number at offset 60 of its header.
const SET_USER_VERSION = `
  const fs = require('node:fs');
  const fd = fs.openSync(process.argv[1], 'r+');
  fs.writeSync(fd, Buffer.from([0, 0, 0x27, 0x0f]), 0, 4, 60);
  fs.closeSync(fd);`;

describe(
  'a full disk',
  { skip: isRoot ? false : 'mounting a small file system needs root' },
  () => {
    test('writes are refused with a clear error, state stays, space brings it back', async () => {
      const mount = mkdtempSync(path.join(tmpdir(), 'amid-disk-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m,mode=755', 'tmpfs', mount]);
      try {
        const amid = await Amid.start({ state: path.join(mount, 'state') });
        const sid = (await amid.makeWorker('logger.info(1)')).value.raw.sid;
        const filler = path.join(mount, 'filler');
        spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'], { stdio: 'ignore' });
        let refused;
        for (let n = 0; n < 200 && refused === undefined; n++) {
          const note = `n${n} `.padEnd(2000, 'x');
          const answer = await amid.call('updateWorker', {
            channel: `ami.worker.${sid}`,
            raw: { note },
          });
          if (answer.status !== 200) refused = answer;
        }
        assert.ok(refused, 'the disk never became full');
        assert.equal(refused.status, 500, refused.text);
        assert.match(refused.body.message, /space/);
        assert.equal((await amid.call('listWorkers')).body.length, 1);
        rmSync(filler);
        await amid.updateWorker(sid, { note: 'space again' });
        const got = await amid.call('getWorker', { sid });
        assert.equal(got.body.value.raw.note, 'space again');
        await amid.stop();
      } finally {
        // Lazily, so that a failure above is what is seen.
        execFileSync('umount', ['--lazy', mount]);
        rmSync(mount, { recursive: true });
      }
    });
  },
);

describe('settings', () => {
  function check(text, env = {}) {
    const folder = mkdtempSync(path.join(tmpdir(), 'amid-conf-'));
    const file = path.join(folder, 'amid.conf');
    writeFileSync(file, text);
    const run = spawnSync(path.join(BIN, 'amid'), ['--config', file, '--check-config'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...env },
    });
    rmSync(folder, { recursive: true });
    return run;
  }

  test('say what is in force; the environment wins', () => {
    const run = check('[node]\nnid = s-0042\n[http]\nlisten = 127.0.0.1:4000\n', {
      AMID_HTTP_LISTEN: '127.0.0.1:5000',
    });
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stdout, /nid *= *s-0042/);
    assert.match(run.stdout, /listen *= *127\.0\.0\.1:5000/);
  });

  for (const [name, text, place] of [
    ['an unknown key', '[node]\ncolour = red\n', /amid\.conf:2/],
    ['an unknown section', '[nodes]\nnid = x\n', /amid\.conf:2/],
    ['a bad number', '[runner]\n\nheap_mib = much\n', /amid\.conf:3/],
    ['a number out of range', '[runner]\nheap_mib = 1\n', /amid\.conf:2/],
    ['a bad line', '[node]\nnid\n', /amid\.conf:2/],
  ]) {
    test(`${name} is refused with its place`, () => {
      const run = check(text);
      assert.equal(run.status, 78, run.stderr);
      assert.match(run.stderr, place);
    });
  }

  test('an unreadable file and an unknown variable are refused', () => {
    const missing = spawnSync(path.join(BIN, 'amid'), [
      '--config',
      '/nonexistent',
      '--check-config',
    ]);
    assert.equal(missing.status, 78);
    const unknown = check('', { AMID_NODE_COLOUR: 'red' });
    assert.equal(unknown.status, 78, unknown.stdout);
    assert.match(unknown.stderr, /AMID_NODE_COLOUR/);
  });

  test('listening beyond loopback needs http.insecure', async () => {
    const state = makeStateFolder();
    const { text, code } = await refusal(state, { AMID_HTTP_LISTEN: '0.0.0.0:0' });
    assert.equal(code, 78, text);
    assert.match(text, /insecure/);
    const amid = new Amid({
      state,
      env: { AMID_HTTP_LISTEN: '127.0.0.1:0,0.0.0.0:0', AMID_HTTP_INSECURE: 'yes' },
    });
    await amid.launch();
    await amid.stop();
    rmSync(state, { recursive: true });
  });
});

/** null: the process has ended, as the clone that compiled a script does. */
function statusOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
    throw error;
  }
}

describe('started as root', { skip: isRoot ? false : 'needs root' }, () => {
  test('amid and its children run as an ordinary user', async () => {
    const amid = await Amid.start();
    const sid = await amid.runWorker(IDLE);
    await amid.waitState(sid, 'running');
    let looked = 0;
    for (const pid of [amid.pid, ...amid.children().map((child) => child.pid)]) {
      const status = statusOf(pid);
      if (status === null) continue;
      looked++;
      const uids = /^Uid:\s+(.*)$/m.exec(status)[1].split(/\s+/);
      assert.ok(!uids.includes('0'), `process ${pid} has uids ${uids}`);
    }
    assert.ok(looked >= 4, 'amid, two zygotes and the worker');
    // Landlock and namespaces depend on the kernel; the line names those that are in force.
    await amid.waitLog(/Started as process \d+, confined by seccomp/);
    await amid.stop();
  });

  test('a folder that holds something else is not taken over', async () => {
    const state = makeStateFolder();
    writeFileSync(path.join(state, 'letter.txt'), 'mine');
    chownSync(state, 0, 0);
    const { code, text } = await refusal(state);
    assert.equal(code, 73, text);
    assert.equal(statSync(state).uid, 0);
    rmSync(state, { recursive: true });
  });
});
