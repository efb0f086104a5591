// WebSocket as a script uses it, against servers over TLS that speak the protocol well and badly: messages both ways,
// closes from either side, back pressure, errors that the restart rules know, the permission of fetch.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { after, before, describe, test } from 'node:test';

import { Amid } from './harness.js';
import { makeAuthority, makeCertificate } from './tls.js';
import { closeFrame, frame, serveSockets } from './ws-server.js';

const listen = (server) =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
const TEXT = 1;
const BINARY = 2;
const sockets = new Set();
let folder;
let amid;
let server;
let port;
let plainServer;
let plain;
/** What the test of the moment does with a connection to /peer. */
let onPeer = () => {};

async function echo(peer) {
  for (;;) {
    const { opcode, data } = await peer.next();
    peer.send(opcode === 8 ? frame(8, data) : frame(opcode, data));
    if (opcode === 8) return peer.socket.end();
  }
}

const handlers = {
  '/echo': (peer) => void echo(peer),
  '/peer': (peer, request) => onPeer(peer, request),
  '/wrong': () => {},
  '/extended': () => {},
};

before(async () => {
  folder = makeAuthority();
  server = https.createServer(makeCertificate(folder, ['DNS:web.test', 'DNS:two.test']));
  plainServer = http.createServer();
  for (const each of [server, plainServer]) {
    serveSockets(each, handlers);
    each.on('connection', (socket) => sockets.add(socket));
  }
  [port, plain] = await Promise.all([listen(server), listen(plainServer)]);
  amid = await Amid.start({
    env: {
      AMID_FETCH_ALLOW: 'web.test,private.test',
      AMID_FETCH_ALLOW_PRIVATE: 'web.test',
      AMID_FETCH_CA_FILE: `${folder}/ca.pem`,
      AMID_FETCH_MESSAGE_KIB: '256',
      AMID_FETCH_WEB_SOCKETS: '8',
      AMID_TEST_HOSTS: 'web.test=127.0.0.1,two.test=127.0.0.1,private.test=10.1.2.3',
    },
  });
});
after(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  plainServer.close();
  rmSync(folder, { recursive: true });
  await amid.stop();
});

/** Runs a script with `wss`, `ws`, and `end(socket)`, which gives what the events told. */
const run = (script, members) =>
  amid.evaluate(
    `const wss = 'wss://web.test:${port}', ws = 'ws://web.test:${plain}';
     const end = (socket) => new Promise((resolve) => {
       const log = [];
       socket.onopen = () => log.push('open');
       socket.addEventListener('message', (event) => log.push(event.data));
       socket.onerror = (event) => log.push('error ' + event.error.name + ': ' + event.message);
       socket.onclose = ({ code, reason, wasClean }) => resolve([...log, [code, reason, wasClean]]);
     });
     ${script}`,
    members,
  );

describe('a conversation', () => {
  for (const scheme of ['wss', 'ws']) {
    test(`over ${scheme}`, async () => {
      const result = await run(`
        const socket = new WebSocket(${scheme} + '/echo?protocol=b', ['a', 'b']);
        socket.binaryType = 'arraybuffer';
        const states = [socket.readyState];
        await new Promise((resolve) => { socket.onopen = resolve; });
        states.push(socket.readyState);
        const got = [];
        const done = new Promise((resolve) => {
          socket.onmessage = ({ data, origin }) => {
            got.push(typeof data === 'string' ? data : [...new Uint8Array(data)]);
            if (got.length === 5) resolve(origin);
          };
        });
        socket.send('h\u00e9llo');
        socket.send(new Uint8Array([1, 2, 255]));
        socket.send(new Uint8Array([9, 8, 7]).subarray(1).buffer.slice(1));
        socket.send(new Blob(['blob']));
        socket.send('');
        const origin = await done;
        const closed = new Promise((resolve) => { socket.onclose = resolve; });
        socket.close(4001, 'bye');
        states.push(socket.readyState);
        const { code, reason, wasClean } = await closed;
        states.push(socket.readyState);
        socket.send('late');
        return { states, got, origin, end: [code, reason, wasClean], protocol: socket.protocol, url: socket.url,
                 extensions: socket.extensions, buffered: socket.bufferedAmount, OPEN: WebSocket.OPEN };
      `);
      assert.deepEqual(result.states, [0, 1, 2, 3]);
      assert.deepEqual(result.got, ['h\u00e9llo', [1, 2, 255], [8, 7], [98, 108, 111, 98], '']);
      assert.deepEqual(result.end, [4001, 'bye', true]);
      assert.equal(result.protocol, 'b');
      assert.equal(result.extensions, '');
      assert.equal(result.buffered, 4);
      assert.equal(result.OPEN, 1);
      assert.equal(
        result.url,
        `${scheme}://web.test:${scheme === 'ws' ? plain : port}/echo?protocol=b`,
      );
      assert.equal(result.origin, `${scheme}://web.test:${scheme === 'ws' ? plain : port}`);
    });
  }

  test('fragments, pings between them, and frames that come with the consent', async () => {
    const seen = [];
    onPeer = (peer) => {
      void (async () => {
        seen.push(await peer.next());
        peer.send(frame(0, 'c'), closeFrame(1001, 'away'));
        seen.push(await peer.next());
      })();
      return Buffer.concat([
        frame(TEXT, 'first'),
        frame(TEXT, 'a', { fin: false }),
        frame(9, 'are you there'),
        frame(0, 'b', { fin: false }),
      ]);
    };
    const result = await run(`return await end(new WebSocket(wss + '/peer'))`);
    assert.deepEqual(result, ['open', 'first', 'abc', [1001, 'away', true]]);
    assert.deepEqual(
      seen.map(({ opcode, data, masked }) => [opcode, data.toString('latin1'), masked]),
      [
        [10, 'are you there', true],
        [8, '\u0003\u00e9', true],
      ],
    );
  });

  test('large messages both ways, and back pressure', async () => {
    const result = await run(`
      const socket = new WebSocket(wss + '/echo');
      await new Promise((resolve) => { socket.onopen = resolve; });
      let bytes = 0;
      const done = new Promise((resolve) => {
        socket.onmessage = ({ data }) => { bytes += data.length; if (bytes === 20 * 200000) resolve(); };
      });
      for (let i = 0; i < 20; i++) socket.send('x'.repeat(200000));
      const buffered = socket.bufferedAmount;
      await done;
      socket.close();
      return { bytes, buffered, left: socket.bufferedAmount };
    `);
    assert.equal(result.bytes, 4000000);
    assert.ok(result.buffered > 3000000);
    assert.equal(result.left, 0);
  });
});

describe('ends and errors', () => {
  test('of a server that breaks the protocol', async () => {
    const cases = [
      [frame(TEXT, 'x', { rsv: 4 }), 1002],
      [frame(3, ''), 1002],
      [frame(0, 'x'), 1002],
      [Buffer.from([0x81, 0x80, 0, 0, 0, 0]), 1002],
      [frame(TEXT, Buffer.from([0xff])), 1007],
      [frame(BINARY, Buffer.alloc(256 * 1024 + 1)), 1009],
      [frame(8, Buffer.from([3])), 1002],
    ];
    const codes = [];
    let at = 0;
    onPeer = (peer) => {
      void peer.next().then(({ data }) => codes.push(data.readUInt16BE(0)));
      return cases[at++][0];
    };
    for (const [bytes] of cases) {
      const result = await run(`return await end(new WebSocket(wss + '/peer'))`);
      assert.match(result.at(-2), /^error NetworkError: WebSocket: /, bytes.toString('hex', 0, 8));
      assert.deepEqual(result.at(-1), [1006, '', false]);
    }
    assert.deepEqual(
      codes,
      cases.map(([, code]) => code),
    );
  });

  test('of a server that does not agree, is not there, or goes away', async () => {
    onPeer = (peer) => setImmediate(() => peer.socket.destroy());
    const result = await run(`
      const found = {};
      for (const path of ['/refused', '/wrong', '/extended', '/echo?protocol=c', '/peer'])
        found[path] = (await end(new WebSocket(wss + path, ['a']))).slice(-2);
      found.port = (await end(new WebSocket('wss://web.test:1/'))).slice(-2);
      return found;
    `);
    for (const [name, [error, close]] of Object.entries(result)) {
      assert.match(error, /^error NetworkError: WebSocket: /, name);
      assert.deepEqual(close, [1006, '', false], name);
    }
    assert.match(result['/refused'][0], /403/);
  });

  test('that nobody listens for are network errors of the iteration', async () => {
    const sid = await amid.runWorker(`new WebSocket('wss://web.test:1/');`);
    await amid.waitState(sid, 'backoff');
    const row = await amid.stats(sid);
    assert.match(row.lastError, /NetworkError: WebSocket: /);
    assert.equal(row.lastErrorType, 'network');
    await amid.call('deleteWorker', { sid });
  });

  test('of a wrong use', async () => {
    const result = await run(`
      const nameOf = (f) => { try { f(); } catch (error) { return error.name; } return 'none'; };
      const socket = new WebSocket(wss + '/echo');
      const early = nameOf(() => socket.send('x'));
      await new Promise((resolve) => { socket.onopen = resolve; });
      const found = [
        early, nameOf(() => socket.close(1001)), nameOf(() => socket.close(5000)),
        nameOf(() => socket.close(1000, 'x'.repeat(124))), nameOf(() => new WebSocket('ftp://x')),
        nameOf(() => new WebSocket('wss://x/#a')), nameOf(() => new WebSocket('nonsense')),
        nameOf(() => new WebSocket(wss, ['a', 'a'])), nameOf(() => new WebSocket(wss, 'a b')), nameOf(() => WebSocket(wss)),
      ];
      const closed = end(socket);
      socket.send('x'.repeat(300000));
      const long = await closed;
      const never = new WebSocket(wss + '/echo');
      const ended = end(never);
      never.close();
      return { found, long, ended: await ended };
    `);
    assert.deepEqual(result.found, [
      'InvalidStateError',
      'InvalidAccessError',
      'InvalidAccessError',
      ...Array(6).fill('SyntaxError'),
      'TypeError',
    ]);
    assert.match(result.long[0], /^error RangeError: .*message_kib/);
    assert.match(result.ended[0], /^error AbortError: /);
  });

  test('a silent peer is pinged, then given up', async () => {
    let pinged;
    const ping = new Promise((resolve) => {
      pinged = resolve;
    });
    onPeer = (peer) => {
      void peer.next().then(pinged);
    };
    await amid.freeze();
    const from = amid.logMark();
    const running = run(`
      const socket = new WebSocket(wss + '/peer');
      socket.addEventListener('open', () => logger.info('is open'));
      return await end(socket);
    `);
    await amid.waitLog(/is open/, { from });
    await amid.advance(30_000);
    assert.equal((await ping).opcode, 9);
    await amid.advance(30_000);
    const result = await running;
    await amid.tell({ freeze: false });
    assert.match(result[1], /does not answer pings/);
  });
});

describe('permission', () => {
  test('is that of fetch', async () => {
    const from = sockets.size;
    const result = await run(`
      const found = [];
      for (const url of ['ws://localhost:${plain}/echo', 'ws://2130706433:${plain}/echo', 'ws://[::ffff:127.0.0.1]:${plain}/',
                         'wss://two.test:${port}/echo', 'ws://private.test/'])
        found.push((await end(new WebSocket(url)))[0]);
      return found;
    `);
    for (const text of result) assert.match(text, /^error PermissionDenied: .*fetch /);
    assert.equal(sockets.size, from);
  });

  test('a worker has no more sockets than its share, and they end with the iteration', async () => {
    const result = await run(
      `
      const open = [];
      for (let i = 0; i < 8; i++) {
        const socket = new WebSocket(wss + '/echo');
        await new Promise((resolve) => { socket.onopen = resolve; });
        open.push(socket);
      }
      const ninth = await end(new WebSocket(wss + '/echo'));
      open.pop().close();
      return { ninth };
    `.replace('return { ninth };', 'for (const socket of open) socket.close(); return { ninth };'),
    );
    assert.match(result.ninth[0], /^error RangeError: .*8 WebSockets/);
  });
});

test('a price monitor keeps its socket and connects anew when the exchange goes away', async () => {
  let connections = 0;
  onPeer = (peer) => {
    connections++;
    void (async () => {
      const { data } = await peer.next();
      assert.deepEqual(JSON.parse(data), { subscribe: ['BTC'] });
      peer.send(frame(TEXT, JSON.stringify({ symbol: 'BTC', price: connections * 100 })));
      if (connections === 1) peer.socket.end();
    })();
  };
  const from = amid.logMark();
  const sid = await amid.runWorker(`
    const connect = () => new Promise((resolve, reject) => {
      const ws = new WebSocket('wss://web.test:${port}/peer');
      ws.onopen = () => ws.send(JSON.stringify({ subscribe: ['BTC'] }));
      ws.onmessage = async ({ data }) => {
        const tick = JSON.parse(data);
        await Stels.local.set(['price', tick.symbol], tick.price);
        logger.info('price ' + tick.price);
      };
      ws.onerror = (event) => reject(event.error);
      ws.onclose = () => resolve();
      signal.addEventListener('abort', () => ws.close());
    });
    while (!shouldStop()) {
      try { await connect(); } catch (error) { logger.warn('again: ' + error.name); }
    }
  `);
  await amid.waitLog(/price 100/, { from });
  await amid.waitLog(/price 200/, { from });
  assert.equal((await amid.call('deleteWorker', { sid })).status, 200);
  assert.equal(connections, 2);
});
