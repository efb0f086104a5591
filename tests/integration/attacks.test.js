// What a hostile client of the listener may try: requests that two parsers read differently, slow and
// silent ones, very many, names that climb out of a folder, and pages of other origins. Nothing hangs,
// nothing stays behind, nobody gets in; the table is in docs/security.md.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Amid, exchangeRaw } from './harness.js';

const HEADER_TIME_MS = 10_000; // these three: supervisor/http/server.h
const BODY_TIME_MS = 30_000;
const IDLE_TIME_MS = 60_000;
const SLOW_CLIENTS = 100;
const PER_ADDRESS = 8;
const REFUSED_OF_ADDRESS = 4; // supervisor/http/server.c

const statuses = (text) =>
  [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map((match) => Number(match[1]));
const descriptors = (amid) => readdirSync(`/proc/${amid.pid}/fd`).length;

/** Connections are closed in turns of the loop that nothing announces. */
async function settled(amid, most) {
  for (let turn = 0; turn < 2000 && descriptors(amid) > most; turn++)
    await amid.tell({ ping: true });
  assert.ok(descriptors(amid) <= most, `${descriptors(amid)} descriptors, ${most} before`);
}

/** A raw connection whose end and text can be waited for. */
function open(port, options = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', ...options });
    const pieces = [];
    socket.ended = new Promise((done) => {
      socket.on('close', () => done(Buffer.concat(pieces).toString('latin1')));
    });
    socket.on('data', (piece) => pieces.push(piece));
    socket.on('connect', () => resolve(socket));
    socket.on('error', reject);
  });
}

describe('a request that two parsers could read differently', () => {
  let amid;
  before(async () => (amid = await Amid.start()));
  after(() => amid.stop());

  const hidden = 'GET /healthz HTTP/1.1\r\nHost: hidden\r\n\r\n';
  const chunked = (lines, body) =>
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nstels-session: TOKEN\r\n${lines}\r\n\r\n${body}`;
  const shapes = {
    'a length and chunks': chunked('Content-Length: 4\r\nTransfer-Encoding: chunked', `0\r\n\r\n`),
    'chunks and a length': chunked('Transfer-Encoding: chunked\r\nContent-Length: 4', `0\r\n\r\n`),
    'two lengths': chunked('Content-Length: 2\r\nContent-Length: 40', '{}'),
    'two equal lengths': chunked('Content-Length: 2\r\nContent-Length: 2', '{}'),
    'a list of lengths': chunked('Content-Length: 2, 2', '{}'),
    'a length with a sign': chunked('Content-Length: +2', '{}'),
    'a negative length': chunked('Content-Length: -1', '{}'),
    'a length in hex': chunked('Content-Length: 0x2', '{}'),
    'a length beyond 64 bits': chunked('Content-Length: 18446744073709551618', '{}'),
    'an unknown coding': chunked('Transfer-Encoding: gzip', '{}'),
    'chunked that is not last': chunked('Transfer-Encoding: chunked, identity', '0\r\n\r\n'),
    'chunked twice': chunked(
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
      '0\r\n\r\n',
    ),
    'a misspelt chunked': chunked('Transfer-Encoding: xchunked', '0\r\n\r\n'),
    'a space before the colon': chunked('Transfer-Encoding : chunked', '0\r\n\r\n'),
    'a folded header': chunked('Content-Length: 2\r\nX: a\r\n b', '{}'),
    'a folded coding': chunked('Transfer-Encoding:\r\n chunked', '0\r\n\r\n'),
    'a chunk size that is no number': chunked(
      'Transfer-Encoding: chunked',
      'zz\r\n{}\r\n0\r\n\r\n',
    ),
    'a chunk size beyond 64 bits': chunked('Transfer-Encoding: chunked', 'fffffffffffffffff\r\n'),
    'a chunk longer than it says': chunked('Transfer-Encoding: chunked', '2\r\n{}{}\r\n0\r\n\r\n'),
    'a chunk size with 0x': chunked('Transfer-Encoding: chunked', '0x2\r\n{}\r\n0\r\n\r\n'),
    'a bare LF after a chunk size': chunked('Transfer-Encoding: chunked', '2\n{}\r\n0\r\n\r\n'),
    'bare LF as line ends': 'GET /healthz HTTP/1.1\nHost: x\n\n',
    'a bare CR in a header': 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\rContent-Length: 5\r\n\r\n',
    'a NUL in a header': 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n',
    'two hosts': 'GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
    'no host': 'GET /healthz HTTP/1.1\r\nX: y\r\n\r\n',
    'a space in the target': 'GET /healthz x HTTP/1.1\r\nHost: x\r\n\r\n',
    'another protocol': 'GET /healthz HTTP/3.7\r\nHost: x\r\n\r\n',
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a head of 17 KiB': `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(17 * 1024)}\r\n\r\n`,
    'a target of 17 KiB': `GET /${'y'.repeat(17 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'ten thousand headers': `GET /healthz HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`,
    'a body over 1 MiB': chunked('Content-Length: 1048577', '{}'),
  };
  for (const [name, text] of Object.entries(shapes)) {
    test(`${name}: one refusal, and what follows is not read`, async () => {
      const answer = await exchangeRaw(amid.port, text.replace('TOKEN', amid.token) + hidden);
      const found = statuses(answer);
      assert.equal(found.length, 1, answer);
      assert.ok(found[0] >= 400, answer);
    });
  }

  test('a head in single bytes is read as one', async () => {
    const socket = await open(amid.port);
    socket.setNoDelay(true);
    for (const byte of 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n') {
      await new Promise((resolve) => socket.write(byte, resolve));
    }
    assert.deepEqual(statuses(await socket.ended), [200]);
  });

  test('afterwards it answers as before', async () => {
    assert.equal((await amid.request({ path: '/healthz' })).status, 200);
  });
});

describe('slow and silent clients', () => {
  let amid, atFirst;
  before(async () => {
    amid = await Amid.start();
    await amid.freeze();
    await amid.request({ path: '/healthz' });
    atFirst = descriptors(amid);
  });
  after(() => amid.stop());

  const openMany = (count) => Promise.all(Array.from({ length: count }, () => open(amid.port)));
  const write = (sockets, text) =>
    Promise.all(sockets.map((one) => new Promise((resolve) => one.write(text, resolve))));
  /** All that was sent before has been read when this is answered. */
  const read = async () => assert.equal((await amid.request({ path: '/healthz' })).status, 200);

  test('a head that drips is refused 10 s after its first byte', async () => {
    const sockets = await openMany(SLOW_CLIENTS);
    await write(sockets, 'GET /healthz HTTP/1.1\r\nHost: x\r\n');
    await read();
    for (let part = 0; part < 4; part++) {
      await amid.advance(HEADER_TIME_MS / 4 - 1);
      assert.ok(sockets.every((one) => !one.destroyed));
      await write(sockets, `X-${part}: y\r\n`);
      await read();
    }
    await amid.advance(4);
    for (const one of sockets) assert.deepEqual(statuses(await one.ended), [408]);
    await settled(amid, atFirst);
  });

  test('a body that drips is refused 30 s after its head', async () => {
    const sockets = await openMany(SLOW_CLIENTS);
    await write(
      sockets,
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nstels-session: ${amid.token}\r\n` +
        'Content-Length: 1000\r\n\r\n{',
    );
    await read();
    for (let part = 0; part < 4; part++) {
      await amid.advance(BODY_TIME_MS / 4 - 1);
      await write(sockets, ' ');
      await read();
    }
    await amid.advance(4);
    for (const one of sockets) assert.deepEqual(statuses(await one.ended), [408]);
    await settled(amid, atFirst);
  });

  test('who sends nothing is closed after a minute', async () => {
    const sockets = await openMany(SLOW_CLIENTS);
    await read();
    await amid.advance(IDLE_TIME_MS);
    for (const one of sockets) assert.equal(await one.ended, '');
    await settled(amid, atFirst);
  });
});

const AUDIT_WINDOW_MS = 600_000; // supervisor/journal/audit_limit.h

describe('very many clients', () => {
  let amid;
  const filesAllowed = Number(
    /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))[1],
  );
  const crowd = Math.min(10_000, Math.floor(filesAllowed / 2));
  const BATCH = 200;

  before(async () => {
    amid = await Amid.start({
      env: {
        AMID_HTTP_CONNECTIONS: String(crowd),
        AMID_HTTP_CONNECTIONS_PER_ADDRESS: String(PER_ADDRESS),
        AMID_HTTP_TRUSTED_PROXIES: '127.0.0.9',
        AMID_LOG_LEVEL: 'info',
      },
    });
    await amid.freeze();
  });
  after(() => amid.stop());

  test('one address has its share, others are served', async () => {
    const atFirst = descriptors(amid);
    const localAddress = '127.0.0.2';
    const held = [];
    for (let n = 0; n < PER_ADDRESS; n++) held.push(await open(amid.port, { localAddress }));
    await amid.request({ path: '/healthz' });
    const refused = await open(amid.port, { localAddress });
    refused.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    const answer = await refused.ended;
    assert.deepEqual(statuses(answer), [503]);
    assert.match(answer, /Retry-After: 1/i);
    const silent = [];
    for (let n = 0; n <= REFUSED_OF_ADDRESS; n++)
      silent.push(await open(amid.port, { localAddress }));
    const [first] = await Promise.race(silent.map((one) => one.ended.then((text) => [text])));
    assert.equal(first, '', 'one too many even for a refusal');
    const other = await open(amid.port, { localAddress: '127.0.0.3' });
    other.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.deepEqual(statuses(await other.ended), [200]);
    for (const one of [...held, ...silent]) one.destroy();
    await settled(amid, atFirst);
    const again = await open(amid.port, { localAddress });
    again.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.deepEqual(statuses(await again.ended), [200]);
  });

  test('a trusted proxy speaks for many', async () => {
    const atFirst = descriptors(amid);
    const held = [];
    for (let n = 0; n <= 2 * PER_ADDRESS; n++)
      held.push(await open(amid.port, { localAddress: '127.0.0.9' }));
    held.at(-1).write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.deepEqual(statuses(await held.at(-1).ended), [200]);
    for (const one of held) one.destroy();
    await settled(amid, atFirst);
  });

  test(`${crowd} idle connections: the next gets 503, and all end by themselves`, async () => {
    const atFirst = descriptors(amid);
    const held = [];
    while (held.length < crowd) {
      const batch = Math.min(BATCH, crowd - held.length);
      held.push(...(await Promise.all(Array.from({ length: batch }, () => open(amid.port)))));
    }
    for (let turn = 0; turn < 2000 && descriptors(amid) < atFirst + crowd; turn++)
      await amid.tell({ ping: true });
    assert.equal((await amid.request({ path: '/healthz' })).status, 503);
    const ends = held.map((one) => one.ended);
    await amid.advance(IDLE_TIME_MS);
    await Promise.all(ends);
    await settled(amid, atFirst);
    assert.equal((await amid.request({ path: '/healthz' })).status, 200);
  });

  test('the audit has one row about them all', async () => {
    await amid.advance(AUDIT_WINDOW_MS);
    await amid.waitLog(/audit: connections-refused/);
    const { rows } = (await amid.api('GET', '/api/audit')).body;
    const said = rows.map(({ text }) => JSON.parse(text));
    const about = said.filter(({ event }) => event === 'connections-refused');
    assert.equal(about.length, 1);
    const detail = /^[1-9]\d* over http.connections, [1-9]\d* over http.connections_per_address$/;
    assert.match(about[0].detail, detail);
    assert.equal(about[0].address, '127.0.0.1');
  });
});

describe('names and origins', () => {
  let amid, sid;
  before(async () => {
    amid = await Amid.start();
    sid = (await amid.makeWorker('await Stels.sleep(1000);')).value.raw.sid;
  });
  after(() => amid.stop());

  const climbs = [
    '../../../../etc/passwd',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '%252e%252e%252fetc%252fpasswd',
    '..%5c..%5cetc%5cpasswd',
    '....//....//etc/passwd',
    '%00/etc/passwd',
    '%c0%ae%c0%ae/etc/passwd',
    'owner.token',
    '..%2fowner.token',
  ];
  test('no path climbs out', async () => {
    const bases = [
      '/',
      '/api/',
      '/api/workers/',
      `/api/workers/${sid}/`,
      `/api/workers/${sid}/logs/`,
    ];
    for (const base of [...bases, '/healthz/', '/api/worker/logs/stream/', '/api/node/']) {
      for (const climb of climbs) {
        const answer = await exchangeRaw(
          amid.port,
          `GET ${base}${climb} HTTP/1.1\r\nHost: x\r\nstels-session: ${amid.token}\r\nConnection: close\r\n\r\n`,
        );
        assert.ok([400, 404, 405].includes(statuses(answer)[0]), `${base}${climb}: ${answer}`);
        assert.ok(!answer.includes('root:') && !answer.includes(amid.token), answer);
      }
    }
  });

  test('a page of another origin changes nothing with what it can send unasked', async () => {
    const body = JSON.stringify({ webfix: '1.0', method: 'deleteWorker', body: { sid } });
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ];
    for (const type of [...types, undefined]) {
      const headers = { origin: 'https://evil.example', cookie: `stels-session=${amid.token}` };
      if (type !== undefined) headers['content-type'] = type;
      const answer = await amid.request({ method: 'POST', headers, body });
      assert.equal(answer.status, 401, type);
      assert.equal(answer.headers['access-control-allow-credentials'], undefined);
      const known = await amid.request({
        method: 'POST',
        headers: { ...headers, 'stels-session': amid.token },
        body,
      });
      assert.equal(known.status, 415, type);
    }
    for (const target of [`/api/workers/${sid}/stop`, `/api/workers/${sid}/start`]) {
      const answer = await amid.request({
        method: 'POST',
        path: target,
        headers: { origin: 'https://evil.example', cookie: `stels-session=${amid.token}` },
      });
      assert.equal(answer.status, 401, target);
    }
    await amid.view(sid); // it is still there
  });

  test('every answer carries the headers that keep browsers careful', async () => {
    for (const target of ['/healthz', '/api/workers', '/nowhere']) {
      const { headers } = await amid.request({ path: target });
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['content-security-policy'], "frame-ancestors 'none'");
      assert.equal(headers['access-control-allow-credentials'], undefined);
    }
  });

  test('guesses of a session are refused alike', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let n = 0; n < 300; n++) {
      const guess = amid.token.slice(0, n % amid.token.length) + 'x'.repeat(n % 70);
      const answer = await amid.request({
        path: '/api/workers',
        headers: { 'stels-session': guess },
        agent,
      });
      assert.equal(answer.status, 401);
    }
    agent.destroy();
  });
});

describe('a list of origins', () => {
  test('names the one that asked, others get none', async () => {
    const amid = await Amid.start({
      env: { AMID_HTTP_CORS: 'https://a.example, https://b.example:8443' },
    });
    const allowed = async (origin) =>
      (await amid.request({ path: '/healthz', headers: origin ? { origin } : {} })).headers;
    assert.equal(
      (await allowed('https://b.example:8443'))['access-control-allow-origin'],
      'https://b.example:8443',
    );
    assert.equal((await allowed('https://a.example')).vary, 'Origin');
    for (const origin of [
      'https://c.example',
      'https://a.example.evil',
      'https://b.example',
      undefined,
    ]) {
      const headers = await allowed(origin);
      assert.equal(headers['access-control-allow-origin'], undefined, origin);
      assert.equal(headers.vary, 'Origin');
    }
    await amid.stop();
  });
});
