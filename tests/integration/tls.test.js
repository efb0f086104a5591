// TLS on amid's own listener: what is spoken, what a bad certificate does at the start and at a
// reload, and that a client who stalls, talks nonsense or speaks plain HTTP costs nothing that stays.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { Amid, BIN, amictl, makeStateFolder } from './harness.js';
import { makeAuthority, makeCertificate } from './tls.js';
import { ClientSocket, LogView, WebClient, clientFrame } from './web-client.js';
import { Wallet } from './web-wallet.js';

const EXIT_SETTINGS = 78; // supervisor/exit_code.h
const HANDSHAKE_TIME_MS = 10_000; // supervisor/http/server.h
const AUDIT_WINDOW_MS = 600_000; // supervisor/journal/audit_limit.h
const PING = 9;

describe('TLS', () => {
  let authority, chain, key, amid, ca;
  const renew = (name) => {
    const pair = makeCertificate(authority, [`DNS:${name}`, 'IP:127.0.0.1']);
    writeFileSync(chain, pair.cert, { mode: 0o644 });
    writeFileSync(key, pair.key, { mode: 0o644 });
  };
  /** Descriptors of all kinds: none may be left. */
  const descriptors = () => readdirSync(`/proc/${amid.pid}/fd`).length;

  before(async () => {
    authority = makeAuthority();
    ca = path.join(authority, 'ca.pem');
    chain = path.join(authority, 'chain.pem');
    key = path.join(authority, 'key.pem');
    renew('first.test');
    amid = await Amid.start({
      tls: { ca: readFileSync(ca) },
      env: { AMID_HTTP_TLS_CERT: chain, AMID_HTTP_TLS_KEY: key, AMID_HTTP_LISTEN: '0.0.0.0:0' },
    });
  });

  after(async () => {
    await amid.stop();
    rmSync(authority, { recursive: true });
  });

  const ask = () =>
    new Promise((resolve, reject) => {
      const outgoing = https.request(
        {
          host: '127.0.0.1',
          port: amid.port,
          path: '/healthz',
          rejectUnauthorized: false,
          agent: false,
        },
        (incoming) => {
          const name = incoming.socket.getPeerCertificate().subjectaltname;
          const protocol = incoming.socket.getProtocol();
          incoming.resume();
          incoming.on('end', () => resolve({ status: incoming.statusCode, name, protocol }));
        },
      );
      outgoing.on('error', reject);
      outgoing.end();
    });

  const connect = (options = {}) =>
    new Promise((resolve, reject) => {
      const socket = tls.connect(
        { host: '127.0.0.1', port: amid.port, rejectUnauthorized: false, ...options },
        () => resolve(socket),
      );
      socket.on('error', reject);
    });

  const closed = (socket) =>
    new Promise((resolve) => {
      const pieces = [];
      socket.on('data', (piece) => pieces.push(piece));
      socket.on('error', () => {});
      socket.on('close', () => resolve(Buffer.concat(pieces)));
    });

  test('beyond loopback it starts without http.insecure and answers over TLS', async () => {
    const answer = await ask();
    assert.equal(answer.status, 200);
    assert.equal(answer.protocol, 'TLSv1.3');
    assert.match(answer.name, /first\.test/);
  });

  test('a client that trusts the authority needs nothing else', async () => {
    const socket = await connect({
      ca: readFileSync(ca),
      servername: 'first.test',
      rejectUnauthorized: true,
    });
    assert.equal(socket.authorized, true);
    const end = closed(socket);
    socket.end();
    await end;
  });

  test('TLS 1.2 is spoken, 1.1 is not', async () => {
    const socket = await connect({ maxVersion: 'TLSv1.2' });
    assert.equal(socket.getProtocol(), 'TLSv1.2');
    const end = closed(socket);
    socket.end();
    await end;
    await assert.rejects(
      connect({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
    );
  });

  test('the answer ends with close_notify', async () => {
    const out = spawnSync(
      'openssl',
      ['s_client', '-connect', `127.0.0.1:${amid.port}`, '-msg', '-quiet', '-ign_eof'],
      { input: 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', timeout: 60_000 },
    );
    const text = out.stdout.toString('latin1') + out.stderr.toString('latin1');
    assert.match(text, /200 OK/);
    assert.match(text, /<<< TLS 1\.3, Alert \[length 0002\], warning close_notify/);
  });

  test('a long answer and a long request come whole', async () => {
    const body = JSON.stringify({
      webfix: '1.0',
      method: 'setWorker',
      body: { scriptContent: `/* ${'x'.repeat(900_000)} */ await Stels.sleep(1);` },
    });
    const answer = await new Promise((resolve, reject) => {
      const outgoing = https.request(
        {
          host: '127.0.0.1',
          port: amid.port,
          method: 'POST',
          path: '/',
          rejectUnauthorized: false,
          headers: { 'content-type': 'application/json', 'stels-session': amid.token },
        },
        (incoming) => {
          let text = '';
          incoming.on('data', (piece) => (text += piece));
          incoming.on('end', () => resolve({ status: incoming.statusCode, text }));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    assert.ok(answer.status === 200 || answer.status === 400, answer.text);
    JSON.parse(answer.text);
  });

  test('plain HTTP and garbage are cut off', async () => {
    const atFirst = descriptors();
    for (const bytes of [
      'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n',
      Buffer.alloc(20_000, 0xff),
      Buffer.from('160301ffff01000100', 'hex'),
      Buffer.from('1603010005010000', 'hex'),
    ]) {
      const socket = net.connect(amid.port, '127.0.0.1');
      const end = closed(socket);
      socket.end(bytes);
      const answer = (await end).toString('latin1');
      assert.doesNotMatch(answer, /HTTP\/1/);
    }
    assert.equal((await ask()).status, 200);
    await settled(atFirst);
  });

  test('the web client signs in, reads a log and holds its WebSocket over TLS', async () => {
    const { tls: trust } = amid.options;
    const wallet = new Wallet('7'.padStart(64, '0'));
    const visitor = new WebClient(wallet, `https://127.0.0.1:${amid.port}`);
    visitor.tls = trust;
    const { info } = await visitor.signIn();
    assert.equal(info.api, `https://127.0.0.1:${amid.port}`);
    assert.equal(info.connector.socket, `wss://127.0.0.1:${amid.port}`);

    const sid = await amid.runWorker(`logger.info('over TLS'); await Stels.sleep(1e8);`);
    const view = await LogView.open(amid.port, amid.token, sid, true, trust);
    await view.until(() => view.text().includes('over TLS'));
    const session = amid.token;
    const socket = await ClientSocket.open(amid.port, { session, tls: trust });
    socket.subscribe();
    await socket.until(() => socket.values.length > 0);
    socket.say('x'.repeat(10_000)); // more than one TLS record, and no harm
    socket.send(clientFrame(PING, 'still there'));
    await socket.until(() => socket.pongs.includes('still there'));
    view.close();
    socket.socket.destroy();
    await amid.call('deleteWorker', { sid });
  });

  describe('amictl', () => {
    const run = (args, { env = {}, until } = {}) =>
      amictl(args, { env: { AMID_TOKEN: amid.token, ...env }, until });
    const at = (host) => ['--url', `https://${host}:${amid.port}`];
    const unreachable = async (args, pattern) => {
      const { code, stderr } = await run([...args, 'workers']);
      assert.equal(code, 3, stderr);
      assert.match(stderr, pattern);
    };

    test('asks and follows a log over https', async () => {
      const sid = await amid.runWorker(`logger.info('for amictl'); await Stels.sleep(1e8);`);
      const listed = await run([...at('127.0.0.1'), '--ca', ca, 'workers', '--json']);
      assert.equal(listed.code, 0, listed.stderr);
      assert.match(listed.stdout, new RegExp(sid));
      const byUrl = await run(['--ca', ca, 'status'], {
        env: { AMID_URL: `HTTPS://127.0.0.1:${amid.port}/` },
      });
      assert.equal(byUrl.code, 0, byUrl.stderr);
      const followed = await run([...at('127.0.0.1'), '--ca', ca, 'logs', sid, '-f'], {
        until: (stdout) => stdout.includes('for amictl'),
      });
      assert.match(followed.stdout, /for amictl/);
      assert.equal(followed.signal, 'SIGINT');
      await amid.call('deleteWorker', { sid });
    });

    test('trusts no other authority, no other name and no plain HTTP', async () => {
      await unreachable(at('127.0.0.1'), /no TLS: .*certificate/);
      await unreachable([...at('localhost'), '--ca', ca], /no TLS: hostname mismatch/);
      await unreachable([...at('127.0.0.2'), '--ca', ca], /no TLS: IP address mismatch/);
      await unreachable([...at('127.0.0.1'), '--ca', key], /no certificates of authorities/);
      await unreachable([...at('127.0.0.1'), '--ca', '/nowhere'], /no certificates of authorities/);
      const plain = net.createServer((socket) => {
        socket.on('error', () => {});
        socket.end('HTTP/1.1 200 OK\r\n\r\n');
      });
      await new Promise((resolve) => plain.listen(0, '127.0.0.1', resolve));
      const url = `https://127.0.0.1:${plain.address().port}`;
      await unreachable(['--url', url, '--ca', ca], /no TLS: /);
      plain.close();
      const misuse = await run(['--url', 'http://127.0.0.1:1', '--ca', ca, 'workers']);
      assert.equal(misuse.code, 2);
      assert.match(misuse.stderr, /--ca is for https/);
    });
  });

  test('a handshake that does not go on ends after its time', async () => {
    await amid.freeze();
    const atFirst = descriptors();
    const idle = net.connect(amid.port, '127.0.0.1');
    const half = net.connect(amid.port, '127.0.0.1');
    const ends = [closed(idle), closed(half)];
    half.write(Buffer.from('1603010200010001fc0303', 'hex'));
    await ask(); // both are accepted
    await amid.advance(HANDSHAKE_TIME_MS - 1);
    assert.equal(idle.destroyed, false);
    await amid.advance(1);
    await Promise.all(ends);
    await amid.advance(AUDIT_WINDOW_MS);
    await amid.waitLog(/audit: connections-refused refused: [1-9]\d* without a TLS handshake/);
    await amid.tell({ freeze: false });
    await settled(atFirst);
  });

  test('an established client that sends no request ends after the idle time', async () => {
    await amid.freeze();
    const socket = await connect();
    const end = closed(socket);
    // A ticket is sent once the node, too, knows the handshake to be complete.
    await new Promise((resolve) => socket.once('session', resolve));
    await amid.advance(HANDSHAKE_TIME_MS);
    assert.equal(socket.destroyed, false);
    await amid.advance(60_000);
    await end;
    await amid.tell({ freeze: false });
  });

  test('SIGHUP takes a new pair; a bad one leaves the old in use and says why', async () => {
    renew('second.test');
    let from = amid.logMark();
    process.kill(amid.pid, 'SIGHUP');
    await amid.waitLog(/settings reloaded/, { from });
    assert.match((await ask()).name, /second\.test/);

    writeFileSync(chain, 'nonsense');
    from = amid.logMark();
    process.kill(amid.pid, 'SIGHUP');
    await amid.waitLog(/the certificate in use stays: .*chain\.pem: no certificate chain/, {
      from,
    });
    await amid.waitLog(/settings reloaded/, { from });
    assert.match((await ask()).name, /second\.test/);

    rmSync(key);
    from = amid.logMark();
    renewChainOnly();
    process.kill(amid.pid, 'SIGHUP');
    await amid.waitLog(/the certificate in use stays: .*key\.pem: No such file/, { from });
    assert.match((await ask()).name, /second\.test/);
  });

  const renewChainOnly = () =>
    writeFileSync(chain, makeCertificate(authority, ['DNS:third.test']).cert);

  /** The connections of a test are closed in turns of the loop that nothing announces. */
  async function settled(most) {
    for (let turn = 0; turn < 200 && descriptors() > most; turn++) await amid.tell({ ping: true });
    assert.ok(descriptors() <= most, `${descriptors()} descriptors, ${most} before`);
  }
});

describe('TLS that is set while amid speaks HTTP', () => {
  test('begins with the next start, and until then a client is told what is spoken', async () => {
    const authority = makeAuthority();
    const file = path.join(authority, 'amid.conf');
    const pair = makeCertificate(authority, ['IP:127.0.0.1']);
    for (const name of ['cert', 'key']) writeFileSync(path.join(authority, name), pair[name]);
    writeFileSync(file, '[node]\ntitle = plain\n', { mode: 0o644 });
    const amid = await Amid.start({ args: ['--config', file] });
    const settings = ['cert', 'key'].map((name) => `tls_${name} = ${authority}/${name}\n`);
    writeFileSync(file, `[node]\ntitle = soon\n[http]\n${settings.join('')}`);
    process.kill(amid.pid, 'SIGHUP');
    await amid.waitLog(/TLS stays off until the next start/);
    await amid.waitLog(/settings reloaded/);
    const wallet = new Wallet('7'.padStart(64, '0'));
    const { info } = await new WebClient(wallet, `http://127.0.0.1:${amid.port}`).signIn();
    assert.equal(info.title, 'soon');
    assert.equal(info.api, `http://127.0.0.1:${amid.port}`);
    assert.equal(info.connector.socket, `ws://127.0.0.1:${amid.port}`);
    await amid.stop();
    rmSync(authority, { recursive: true });
  });
});

describe('TLS: a bad pair', () => {
  let authority;
  before(() => (authority = makeAuthority()));
  after(() => rmSync(authority, { recursive: true }));

  const run = (env, ...args) => {
    const state = makeStateFolder();
    const out = spawnSync(path.join(BIN, 'amid'), args, {
      env: {
        PATH: process.env.PATH,
        AMID_NODE_STATE: state,
        AMID_HTTP_LISTEN: '127.0.0.1:0',
        ...env,
      },
      encoding: 'utf8',
      timeout: 60_000,
    });
    rmSync(state, { recursive: true });
    return out;
  };

  const refused = (cert, key, pattern) => {
    const env = { AMID_HTTP_TLS_CERT: cert, AMID_HTTP_TLS_KEY: key };
    for (const args of [[], ['--check-config']]) {
      const out = run(env, ...args);
      assert.equal(out.status, EXIT_SETTINGS, out.stderr);
      assert.match(out.stderr, pattern);
    }
  };

  test('refuses to start and says which file and why', () => {
    const pair = makeCertificate(authority, ['DNS:a.test']);
    const other = makeCertificate(authority, ['DNS:b.test']);
    const file = (name, text) => {
      const at = path.join(authority, name);
      writeFileSync(at, text, { mode: 0o644 });
      return at;
    };
    const cert = file('good.pem', pair.cert);
    const key = file('good.key', pair.key);
    refused(path.join(authority, 'absent.pem'), key, /absent\.pem: No such file or directory/);
    refused(cert, path.join(authority, 'absent.key'), /absent\.key: No such file or directory/);
    refused(cert, authority, /: not a file/);
    refused(file('empty.pem', ''), key, /empty\.pem: no certificate chain in PEM/);
    refused(cert, file('bad.key', 'x'), /bad\.key: no key in PEM/);
    refused(cert, file('other.key', other.key), /other\.key: no key .*key values mismatch/);
  });
});
