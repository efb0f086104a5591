// The unix socket of the operator: no token is needed there, strangers are not let in, a socket that a
// killed amid left is replaced and that of a living one is not, and amictl finds it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Amid, BIN, amictl, makeStateFolder } from './harness.js';

const EXIT_LISTEN = 76; // supervisor/exit_code.h
const STRANGER_UID = 54321;
const AMID_UID = 54398;
const AMID_GID = 54399;

const ask = (socketPath, options = {}) =>
  new Promise((resolve, reject) => {
    const outgoing = http.request(
      { socketPath, path: '/api/workers', agent: false, ...options },
      (incoming) => {
        incoming.resume();
        incoming.on('end', () => resolve(incoming.statusCode));
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });

describe('the unix socket', () => {
  let amid, socket, folder;
  before(async () => {
    folder = makeStateFolder();
    amid = await Amid.start({ state: path.join(folder, 'var') });
    socket = path.join(amid.state, 'amid.sock');
  });
  after(async () => {
    await amid.stop({ keepState: true });
    assert.equal(existsSync(socket), false, 'the socket goes with amid');
    rmSync(folder, { recursive: true });
  });

  test('is closed to others by its mode', () => {
    assert.equal(statSync(socket).mode & 0o007, 0);
    assert.equal(statSync(socket).isSocket(), true);
  });

  test('needs no token; over TCP one is needed still', async () => {
    assert.equal(await ask(socket), 200);
    assert.equal((await amid.request({ path: '/api/workers' })).status, 401);
  });

  test('a token that is sent there counts, so a bad one is refused', async () => {
    assert.equal(await ask(socket, { headers: { 'stels-session': 'wrong' } }), 401);
    assert.equal(await ask(socket, { headers: { 'stels-session': amid.token } }), 200);
  });

  test('amictl takes it by itself, but not when a URL is given', async () => {
    rmSync(path.join(folder, 'token'), { force: true });
    const local = await amictl(['workers', '--json'], { cwd: folder });
    assert.equal(local.code, 0, local.stderr);
    const named = await amid.amictl(['workers'], { cwd: folder, env: { AMID_TOKEN: 'bad' } });
    assert.equal(named.code, 4, named.stderr);
  });

  // Only root can become somebody else.
  if (process.getuid() === 0) {
    test('a user who is neither root nor of the group is cut off', async () => {
      chmodSync(socket, 0o666);
      chmodSync(amid.state, 0o755);
      const script = `require('http').get({ socketPath: ${JSON.stringify(socket)}, path: '/healthz' },
        (answer) => process.exit(1)).on('error', (error) => {
          process.exit(['ECONNRESET', 'EPIPE'].includes(error.code) ? 7 : 2); });`;
      const child = spawn(process.execPath, ['-e', script], {
        uid: STRANGER_UID,
        gid: STRANGER_UID,
        stdio: 'inherit',
        cwd: '/',
      });
      const code = await new Promise((resolve) => child.on('exit', resolve));
      chmodSync(socket, 0o660);
      chmodSync(amid.state, 0o700);
      assert.equal(code, 7);
      const rows = (await amid.api('GET', '/api/audit')).body.rows.map(({ text }) => text);
      const about = `"address":"uid ${STRANGER_UID}","detail":"the unix socket"`;
      assert.ok(
        rows.some((text) => text.includes(about)),
        rows.join('\n'),
      );
      assert.equal(await ask(socket), 200);
    });
  }

  test('one that a killed amid left is replaced', async () => {
    await amid.kill();
    assert.equal(existsSync(socket), true);
    amid = await Amid.start({ state: amid.state });
    assert.equal(await ask(socket), 200);
  });

  test('that of a living amid is not', () => {
    const state = path.join(folder, 'other');
    mkdirSync(state);
    const out = spawnSync(path.join(BIN, 'amid'), [], {
      env: {
        PATH: process.env.PATH,
        AMID_NODE_STATE: state,
        AMID_HTTP_LISTEN: '127.0.0.1:0',
        AMID_HTTP_SOCKET: socket,
      },
      encoding: 'utf8',
    });
    assert.equal(out.status, EXIT_LISTEN, out.stderr);
    assert.match(out.stderr, /amid\.sock: (another program listens there|Permission denied)/);
    assert.equal(existsSync(socket), true);
  });
});

// Only root can make the group, here in a mount namespace of its own, and become others.
if (process.getuid() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0) {
  describe('the group amid', () => {
    test('is given the socket, and its members alone are let in by it', async () => {
      const folder = makeStateFolder();
      chmodSync(folder, 0o777);
      const socket = path.join(folder, 'amid.sock');
      const lines = {
        group: `amid:x:${AMID_GID}:\n`,
        passwd: `amid:x:${AMID_UID}:${AMID_GID}::/:/bin/false\n`,
      };
      for (const [name, line] of Object.entries(lines)) {
        const others = readFileSync(`/etc/${name}`, 'utf8').replace(/^amid:.*\n/m, '');
        writeFileSync(path.join(folder, name), others + line, { mode: 0o644 });
      }
      const inside =
        'for name in group passwd; do mount --bind "$0/$name" "/etc/$name" || exit 1; done; exec "$@"';
      const amid = await Amid.start({
        enter: ['unshare', '-m', 'sh', '-c', inside, folder],
        env: { AMID_HTTP_SOCKET: socket },
      });
      const { mode, gid } = statSync(socket);
      assert.deepEqual([mode & 0o777, gid], [0o660, AMID_GID]);

      const script = `require('http').get({ socketPath: process.argv[1], path: '/api/workers', agent: false },
        (answer) => { console.log(answer.statusCode); answer.destroy(); }).on('error', (error) => console.log(error.code));`;
      const asUser = (gidOf, others) =>
        new Promise((resolve, reject) => {
          const [user, own] = [`--reuid=${STRANGER_UID}`, `--regid=${gidOf}`];
          const more = others === undefined ? '--clear-groups' : `--groups=${others}`;
          const args = [user, own, more, process.execPath, '-e', script, socket];
          const child = spawn('setpriv', args, { cwd: '/' });
          let said = '';
          child.stdout.on('data', (text) => (said += text));
          child.on('error', reject);
          child.on('close', () => resolve(said.trim()));
        });
      assert.equal(await asUser(AMID_GID), '200');
      assert.equal(await asUser(STRANGER_UID, AMID_GID), '200');
      assert.equal(await asUser(STRANGER_UID), 'EACCES');
      // Where the file lets everybody in, the kernel's word still does not.
      chmodSync(socket, 0o666);
      assert.match(await asUser(STRANGER_UID), /^(ECONNRESET|EPIPE)$/);
      await amid.stop();
      rmSync(folder, { recursive: true });
    });
  });
}

describe('no unix socket', () => {
  test('an empty http.socket leaves it out', async () => {
    const amid = await Amid.start({ env: { AMID_HTTP_SOCKET: '' } });
    assert.equal(existsSync(path.join(amid.state, 'amid.sock')), false);
    await amid.stop();
  });
});
