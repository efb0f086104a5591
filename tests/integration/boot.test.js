// Holds: amid starts only into a state it can vouch for, and says in one sentence and one exit code
// why it does not; signals do what amid(8) promises.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Amid, BIN, makeStateFolder } from './harness.js';

const PROGRAM = path.join(BIN, 'amid');
const IS_ROOT = process.getuid() === 0;

/** Runs amid until it ends by itself. */
function run(args, env = {}) {
  const { status, stdout, stderr } = spawnSync(PROGRAM, args, {
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

/** What act gives, or null if the process it looks at has ended, as a clone that compiled does. */
function ifAlive(act) {
  try {
    return act();
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
    throw error;
  }
}

function usersOf(pids) {
  const statuses = pids.map((pid) => ifAlive(() => readFileSync(`/proc/${pid}/status`, 'utf8')));
  return new Set(statuses.flatMap((text) => text?.match(/(?<=^Uid:\s+)\d+/m) ?? []));
}

describe('options', () => {
  it('prints its version and its help', () => {
    assert.match(run(['--version']).stdout, /^amid \d+\.\d+\.\d+\n$/);
    const help = run(['--help']);
    assert.equal(help.status, 0);
    assert.match(help.stdout, /--config FILE/);
  });

  it('refuses unknown options', () => {
    assert.equal(run(['--colour']).status, 64);
    assert.equal(run(['start']).status, 64);
  });
});

describe('what amid cannot start on', () => {
  const state = makeStateFolder();
  const env = { AMID_NODE_STATE: state, AMID_HTTP_LISTEN: '127.0.0.1:0' };
  after(() => rmSync(state, { recursive: true, force: true }));

  it('an address in use', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = `127.0.0.1:${server.address().port}`;
    const { status, stderr } = run([], { ...env, AMID_HTTP_LISTEN: address });
    server.close();
    assert.equal(status, 76);
    assert.match(stderr, new RegExp(`cannot listen on ${address}: Address already in use`));
  });

  it('a runner that is not there', () => {
    const { status, stderr } = run([], { ...env, AMID_NODE_RUNNER: '/nonexistent/amid-runner' });
    assert.equal(status, 71);
    assert.match(stderr, /node\.runner: cannot open \/nonexistent\/amid-runner/);
  });

  it('a folder that cannot be made', () => {
    const { status, stderr } = run([], { ...env, AMID_NODE_STATE: '/dev/null/state' });
    assert.equal(status, 73);
    assert.match(stderr, /\/dev\/null/);
  });

  it('root as the user to become', { skip: !IS_ROOT }, () => {
    assert.equal(run([], { ...env, AMID_NODE_USER: 'root' }).status, 77);
  });

  it("somebody else's folder", { skip: !IS_ROOT }, () => {
    const folder = path.join(state, 'used');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'letter'), 'mine');
    const { status, stderr } = run([], { ...env, AMID_NODE_STATE: folder });
    assert.equal(status, 73);
    assert.match(stderr, /in use by others/);
    assert.equal(statSync(folder).uid, 0);
  });

  it('a folder behind a closed door', { skip: !IS_ROOT }, () => {
    const door = path.join(state, 'door');
    mkdirSync(door);
    chmodSync(door, 0o700);
    const { status, stderr } = run([], { ...env, AMID_NODE_STATE: path.join(door, 'state') });
    assert.equal(status, 73);
    assert.match(stderr, /cannot reach the state folder/);
  });
});

describe('the database', () => {
  let amid;
  let file;
  before(async () => {
    amid = await Amid.start();
    file = path.join(amid.state, 'amid.db');
  });
  after(() => rmSync(amid.state, { recursive: true, force: true }));

  it('is held by one amid', () => {
    const env = { AMID_NODE_STATE: amid.state, AMID_HTTP_LISTEN: '127.0.0.1:0' };
    const { status, stderr } = run([], env);
    assert.equal(status, 69);
    assert.match(stderr, /another amid .*uses the state folder/);
  });

  it('is left alone when damaged', async () => {
    await amid.stop({ keepState: true });
    renameSync(file, `${file}.good`);
    writeFileSync(
      file,
      'this is not a database, and it is longer than a header would be '.repeat(4),
    );
    const damaged = readFileSync(file);
    const env = { AMID_NODE_STATE: amid.state, AMID_HTTP_LISTEN: '127.0.0.1:0' };
    const { status, stderr } = run([], env);
    assert.equal(status, 65);
    assert.match(stderr, /amid\.db is damaged/);
    assert.deepEqual(readFileSync(file), damaged);
  });
});

describe('a running amid', () => {
  it(
    'is not root, keeps next to nothing and cannot be looked into',
    { skip: !IS_ROOT },
    async () => {
      const amid = await Amid.start();
      const status = readFileSync(`/proc/${amid.pid}/status`, 'utf8');
      const [real, effective, saved] = /^Uid:\s+(\d+)\s+(\d+)\s+(\d+)/m.exec(status).slice(1);
      assert.ok(real !== '0' && effective === real && saved === real, status);
      assert.match(status, /^NoNewPrivs:\s+1$/m);
      const rights = BigInt(`0x${/^CapPrm:\s+([0-9a-f]+)$/m.exec(status)[1]}`);
      const allowed = [5, 6, 7, 23].reduce((set, bit) => set | (1n << BigInt(bit)), 0n);
      assert.equal(rights & ~allowed, 0n);
      for (const { pid } of amid.children()) {
        const runner = readFileSync(`/proc/${pid}/status`, 'utf8');
        assert.match(runner, /^Uid:\s+([1-9]\d*)\s+\1\s+\1\s+\1$/m);
        assert.match(runner, /^CapPrm:\s+0+$/m);
      }
      await amid.stop();
    },
  );

  it('gives runners a user of their own where there is one', { skip: !IS_ROOT }, async () => {
    // Two more users, seen by this amid alone: a mount namespace with another /etc/passwd.
    const folder = makeStateFolder();
    const users = ['amid:x:990:990::/:/bin/false', 'amid-runner:x:991:991::/:/bin/false', ''];
    const others = readFileSync('/etc/passwd', 'utf8').replace(/^amid.*\n/gm, '');
    writeFileSync(path.join(folder, 'passwd'), others + users.join('\n'));
    const inside = `mount --bind ${folder}/passwd /etc/passwd && exec ${PROGRAM} "$@"`;
    writeFileSync(
      path.join(folder, 'amid'),
      `#!/bin/sh\nexec unshare -m sh -c '${inside}' amid "$@"\n`,
      { mode: 0o755 },
    );
    const amid = await Amid.start({
      bin: folder,
      env: { AMID_RUNNER_STOP_GRACE_MS: '100', AMID_RUNNER_TURN_CPU_MS: '600000' },
    });
    assert.deepEqual(usersOf([amid.pid]), new Set(['990']));
    const sid = await amid.runWorker('for (;;) ;');
    await amid.waitState(sid, 'running');
    const before = amid.children().map(({ pid }) => pid);
    assert.deepEqual(usersOf(before), new Set(['991']));

    // A zygote that is started again becomes the same user, and amid may still kill what it made.
    const mark = amid.logMark();
    const worker = (await amid.view(sid)).instance.pid;
    for (const pid of before) if (pid !== worker) ifAlive(() => process.kill(pid, 'SIGKILL'));
    await amid.waitLog(/worker zygote is warm/i, { from: mark });
    const second = await amid.runWorker('await Stels.sleep(100000);');
    await amid.waitState(second, 'running');
    assert.deepEqual(usersOf(amid.children().map(({ pid }) => pid)), new Set(['991']));
    await amid.stop();
    rmSync(folder, { recursive: true });
  });

  it('closes what its parent left open', async () => {
    const folder = makeStateFolder();
    const wrapper = `#!/bin/sh\nexec 9</etc/passwd\nexec ${PROGRAM} "$@"\n`;
    writeFileSync(path.join(folder, 'amid'), wrapper, { mode: 0o755 });
    const amid = await Amid.start({ bin: folder });
    const links = amid.fds();
    assert.ok(!links.includes('/etc/passwd'), links.join('\n'));
    await amid.stop();
    rmSync(folder, { recursive: true });
  });

  it('reloads on SIGHUP what can change and names what cannot', async () => {
    const folder = makeStateFolder();
    const file = path.join(folder, 'amid.conf');
    writeFileSync(file, '[http]\nconnections = 100\n[node]\nnid = s-0003\n');
    const amid = await Amid.start({ args: ['--config', file] });
    writeFileSync(file, '[http]\nconnections = 200\n[node]\nnid = s-0004\n');
    amid.child.kill('SIGHUP');
    await amid.waitLog(/http\.connections is now 200 \(was 100\)/);
    await amid.waitLog(/node\.nid stays s-0003 until the next start/);
    await amid.waitLog(/settings reloaded/);
    const mark = amid.logMark();
    writeFileSync(file, '[http]\nconnections = none\n');
    amid.child.kill('SIGHUP');
    await amid.waitLog(/settings stay as they were: .*amid\.conf:2: http\.connections:/, {
      from: mark,
    });
    assert.equal((await amid.request({ path: '/healthz' })).status, 200);
    await amid.stop();
    rmSync(folder, { recursive: true });
  });

  it('ends at once on a second signal, and loses nothing', async () => {
    const amid = await Amid.start();
    const script = 'while (true) { try { await Stels.sleep(60000); } catch (e) { for (;;) ; } }';
    const sid = await amid.runWorker(script);
    await amid.waitState(sid, 'running');
    amid.child.kill('SIGTERM');
    await amid.waitLog(/SIGTERM: stopping the workers/);
    // Two signals at the same moment are one wish (a wrapper that forwards); later ones are not.
    await amid.advance(500);
    amid.child.kill('SIGTERM');
    assert.deepEqual(await amid.ended, { code: 75, signal: null });
    amid.debug.destroy();
    const env = { AMID_RUNNER_STOP_GRACE_MS: '100' };
    const again = await Amid.start({ state: amid.state, env });
    assert.equal((await again.view(sid)).value.raw.sid, sid);
    await again.stop({ keepState: true });
    amid.removeState();
  });
});
