// fetch as a script uses it, against real servers over TLS: requests and bodies of every kind, HTTP/1.1 and 2, limits,
// aborts, errors under the names that the restart rules know (RULES 16); and each way around the permission.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import zlib from 'node:zlib';

import { Amid } from './harness.js';
import { makeAuthority, makeCertificate } from './tls.js';

const listen = (server) =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });

/** What the servers have seen and are holding. */
const seen = { requests: [], sockets: new Set(), waiting: new Set() };
const closers = [];
let folder;
let amid;
let port; // https, HTTP/1.1
let port2; // https, HTTP/2
let plain; // http
let raw; // whatever the test writes
let rawAnswer = (socket) => socket.end();

function answer(request, response) {
  const url = new URL(request.url, 'https://x');
  const pieces = [];
  seen.requests.push({ method: request.method, url: request.url, headers: request.headers });
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const body = Buffer.concat(pieces);
    switch (url.pathname) {
      case '/echo':
        response.setHeader('content-type', 'application/json');
        response.setHeader('x-odd', '\u00fcb');
        // As bytes: Node would take the headers along into the text's encoding.
        response.end(
          Buffer.from(
            JSON.stringify({
              method: request.method,
              headers: request.headers,
              body: body.toString('base64'),
              version: request.httpVersion,
            }),
          ),
        );
        break;
      case '/status':
        response.writeHead(Number(url.searchParams.get('code')));
        response.end();
        break;
      case '/gzip':
        response.setHeader('content-encoding', 'gzip');
        response.end(zlib.gzipSync('packed '.repeat(1000)));
        break;
      case '/bomb':
        response.setHeader('content-encoding', 'gzip');
        response.end(zlib.gzipSync(Buffer.alloc(8 * 1024 * 1024)));
        break;
      case '/bytes':
        response.end(Buffer.alloc(Number(url.searchParams.get('n')), 'x'));
        break;
      case '/redirect':
        response.writeHead(Number(url.searchParams.get('code') ?? 302), {
          location: url.searchParams.get('to'),
        });
        response.end('moved');
        break;
      case '/loop':
        response.writeHead(302, { location: '/loop' });
        response.end();
        break;
      case '/endless': {
        const more = () => {
          while (response.write(Buffer.alloc(16384)));
        };
        response.on('drain', more);
        more();
        break;
      }
      case '/half':
        response.writeHead(200, { 'content-length': 100 });
        response.write('half');
        seen.waiting.add(response);
        break;
      case '/reset':
        response.writeHead(200, { 'content-length': 100 });
        response.write('half', () => request.socket.destroy());
        break;
      case '/headers':
        for (let i = 0; i < 20; i++) response.setHeader(`x-long-${i}`, 'v'.repeat(5000));
        response.end();
        break;
      case '/silent':
        seen.waiting.add(response);
        break;
      default:
        response.end('hello');
    }
  });
}

const HOSTS =
  'web.test=127.0.0.1,two.test=127.0.0.1,inner.test=127.0.0.1,mapped.test=::ffff:127.0.0.1,private.test=10.1.2.3';

before(async () => {
  folder = makeAuthority();
  const tls = makeCertificate(folder, ['DNS:web.test', 'DNS:two.test', 'IP:127.0.0.1']);
  const servers = [
    https.createServer(tls, answer),
    http2.createSecureServer({ ...tls, allowHTTP1: false }, answer),
    http.createServer(answer),
    net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => rawAnswer(socket));
    }),
  ];
  for (const server of servers) {
    server.on('connection', (socket) => {
      seen.sockets.add(socket);
      socket.on('error', () => {});
    });
    closers.push(() => server.close());
  }
  [port, port2, plain, raw] = await Promise.all(servers.map(listen));
  amid = await Amid.start({
    env: {
      AMID_FETCH_ALLOW: `web.test,two.test,mapped.test,private.test,*.below.test,127.0.0.1:${plain}`,
      AMID_FETCH_ALLOW_PRIVATE: `web.test,two.test,127.0.0.1:${plain}`,
      AMID_FETCH_CA_FILE: `${folder}/ca.pem`,
      AMID_FETCH_BODY_MIB: '1',
      AMID_FETCH_PARALLEL: '4',
      AMID_TEST_HOSTS: HOSTS,
      http_proxy: 'http://127.0.0.1:1',
      https_proxy: 'http://127.0.0.1:1',
      ALL_PROXY: 'http://127.0.0.1:1',
    },
  });
});
after(async () => {
  for (const close of closers) close();
  for (const socket of seen.sockets) socket.destroy();
  rmSync(folder, { recursive: true });
  await amid.stop();
});

/** Runs a script that may use `web`, `two`, `http` (origins) and returns what it returns. */
const run = (script, members) =>
  amid.evaluate(
    `const web = 'https://web.test:${port}', two = 'https://two.test:${port2}';
     const http = 'http://127.0.0.1:${plain}', raw = 'http://web.test:${raw}';
     const errorOf = async (promise) => {
       try { await promise; } catch (error) { return error.name + ': ' + error.message; }
       return 'no error';
     };
     ${script}`,
    members,
  );

describe('requests and answers', () => {
  test('a GET with headers, as JSON', async () => {
    const result = await run(`
      const response = await fetch(web + '/echo?a=b#c', {
        headers: { 'X-Mine': 'yes', Authorization: 'Bearer x', Connection: 'close', 'Accept-Encoding': 'br' },
      });
      const echo = await response.json();
      return { echo, status: response.status, ok: response.ok, url: response.url, redirected: response.redirected,
               odd: response.headers.get('X-Odd'), type: response.headers.get('content-type'), used: response.bodyUsed };
    `);
    assert.equal(result.status, 200);
    assert.equal(result.ok, true);
    assert.equal(result.redirected, false);
    assert.equal(result.url, `https://web.test:${port}/echo?a=b`);
    assert.equal(result.type, 'application/json');
    assert.equal(result.odd, '\u00fcb');
    assert.equal(result.used, true);
    assert.equal(result.echo.headers['x-mine'], 'yes');
    assert.equal(result.echo.headers.authorization, 'Bearer x');
    assert.equal(result.echo.headers['accept-encoding'], 'gzip');
    assert.match(result.echo.headers['user-agent'], /^amid\//);
    assert.equal(result.echo.version, '1.1');
  });

  test('bodies of every kind', async () => {
    const result = await run(`
      const send = async (body, more) => {
        const echo = await (await fetch(web + '/echo', { method: 'post', body, ...more })).json();
        return [echo.method, echo.headers['content-type'] ?? null, atob(echo.body)];
      };
      const form = new FormData();
      form.append('a', '1');
      return [
        await send('text \u00fc'),
        await send(new Uint8Array([1, 2, 255])),
        await send(new Uint8Array([1, 2, 3]).buffer),
        await send(new URLSearchParams({ a: 'b c' })),
        await send(new Blob(['blob'], { type: 'text/x-blob' })),
        await send(new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('str'));
            controller.enqueue(new TextEncoder().encode('eam'));
            controller.close();
          },
        }), { duplex: 'half' }),
        await send('', { method: 'PUT' }),
        (await send(form))[2].includes('name="a"'),
        (await (await fetch(new Request(web + '/echo', { method: 'PATCH', body: 'r' }))).json()).method,
        (await (await fetch(web + '/echo', { method: 'DELETE' })).json()).method,
      ];
    `);
    assert.deepEqual(result, [
      ['POST', 'text/plain;charset=UTF-8', 'text \u00c3\u00bc'],
      ['POST', null, '\u0001\u0002\u00ff'],
      ['POST', null, '\u0001\u0002\u0003'],
      ['POST', 'application/x-www-form-urlencoded;charset=UTF-8', 'a=b+c'],
      ['POST', 'text/x-blob', 'blob'],
      ['POST', null, 'stream'],
      ['PUT', 'text/plain;charset=UTF-8', ''],
      true,
      'PATCH',
      'DELETE',
    ]);
  });

  test('HTTP/2, gzip, HEAD and answers without a body', async () => {
    const result = await run(`
      const head = await fetch(web + '/echo', { method: 'HEAD' });
      const none = await fetch(web + '/status?code=204');
      const packed = await fetch(two + '/gzip');
      return {
        version: (await (await fetch(two + '/echo')).json()).version,
        text: (await packed.text()).length, encoding: packed.headers.get('content-encoding'),
        head: [head.status, head.body, await head.text()], none: [none.status, none.body],
        missing: (await fetch(web + '/status?code=404')).status,
      };
    `);
    assert.deepEqual(result, {
      version: '2.0',
      text: 7000,
      encoding: null,
      head: [200, null, ''],
      none: [204, null],
      missing: 404,
    });
  });

  test('a body as a stream', async () => {
    const result = await run(`
      const response = await fetch(web + '/bytes?n=300000');
      let bytes = 0, pieces = 0;
      for await (const piece of response.body) { bytes += piece.length; pieces++; }
      const reader = (await fetch(web + '/endless')).body.getReader();
      const first = await reader.read();
      await reader.cancel();
      return { bytes, many: pieces > 1, first: first.value.length > 0 };
    `);
    assert.deepEqual(result, { bytes: 300000, many: true, first: true });
  });

  test('more requests than are on their way at once, and answers that nobody reads', async () => {
    const result = await run(`
      const all = await Promise.all(Array.from({ length: 40 }, (_, n) =>
        fetch(web + '/bytes?n=' + n).then((response) => response.text())));
      let ok = 0;
      for (let i = 0; i < 200; i++) if ((await fetch(http + '/bytes?n=70000', { method: 'POST' })).ok) ok++;
      return { lengths: all.map((text) => text.length), ok };
    `);
    assert.deepEqual(
      result.lengths,
      Array.from({ length: 40 }, (_, n) => n),
    );
    assert.equal(result.ok, 200);
  });

  test('redirects', async () => {
    const result = await run(`
      const follow = await fetch(web + '/redirect?to=' + encodeURIComponent(two + '/echo'), {
        method: 'POST', body: 'x', headers: { authorization: 'secret', 'x-mine': '1' } });
      const kept = await fetch(web + '/redirect?code=307&to=/echo', { method: 'POST', body: 'x' });
      const manual = await fetch(web + '/redirect?to=/echo', { redirect: 'manual' });
      return {
        follow: [await follow.json(), follow.redirected, follow.url],
        kept: await kept.json(),
        manual: [manual.status, manual.headers.get('location')],
        refused: await errorOf(fetch(web + '/redirect?to=/echo', { redirect: 'error' })),
        loop: await errorOf(fetch(web + '/loop')),
      };
    `);
    const [echo, redirected, url] = result.follow;
    assert.equal(echo.method, 'GET');
    assert.equal(echo.body, '');
    assert.equal(echo.headers.authorization, undefined);
    assert.equal(echo.headers['x-mine'], '1');
    assert.equal(redirected, true);
    assert.equal(url, `https://two.test:${port2}/echo`);
    assert.deepEqual([result.kept.method, result.kept.body], ['POST', 'eA==']);
    assert.deepEqual(result.manual, [302, '/echo']);
    assert.match(result.refused, /^NetworkError: .*redirect/);
    assert.match(result.loop, /^NetworkError: /);
  });
});

describe('failures', () => {
  test('have the names of the restart rules', async () => {
    rawAnswer = (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe');
    const result = await run(`
      const read = async (promise) => (await promise).text();
      return {
        refused: await errorOf(fetch('https://web.test:1/')),
        unknown: await errorOf(fetch('https://nowhere.below.test/')),
        reset: await errorOf(read(fetch(web + '/reset'))),
        short: await errorOf(read(fetch(raw + '/'))),
        headers: await errorOf(fetch(web + '/headers')),
        endless: await errorOf(read(fetch(web + '/endless'))),
        bomb: await errorOf(read(fetch(web + '/bomb'))),
        scheme: await errorOf(fetch('ftp://web.test/')),
        host: await errorOf(fetch(web, { headers: { host: 'other.test' } })),
        long: await errorOf(fetch(web, { method: 'POST', body: 'x'.repeat(4200000) })),
        trace: await errorOf(fetch(web, { method: 'TRACE' })),
        timeout: await errorOf(fetch(web + '/silent', { timeout: 50 })),
        signal: await errorOf(fetch(web + '/silent', { signal: AbortSignal.timeout(50) })),
      };
    `);
    assert.match(result.refused, /^NetworkError: web\.test: /);
    assert.match(result.unknown, /^NetworkError: /);
    assert.match(result.reset, /^NetworkError: /);
    assert.match(result.short, /^NetworkError: /);
    assert.match(result.headers, /^NetworkError: .*headers/);
    assert.match(result.endless, /^RangeError: .*body_mib/);
    assert.match(result.bomb, /^RangeError: .*body_mib/);
    assert.match(result.scheme, /^TypeError: only http/);
    assert.match(result.host, /^TypeError: .*Host/);
    assert.match(result.long, /^RangeError: .*body/);
    assert.match(result.trace, /^TypeError: /);
    assert.match(result.timeout, /^RequestTimeout: /);
    assert.match(result.signal, /^TimeoutError: /);
  });

  test('a certificate that is not for the host, or of no authority, ends the request', async () => {
    const other = makeCertificate(folder, ['DNS:other.test']);
    const server = https.createServer(other, answer);
    const wrong = await listen(server);
    closers.push(() => server.close());
    const result = await run(`return await errorOf(fetch('https://web.test:${wrong}/'))`);
    assert.match(result, /^NetworkError: web\.test: .*(SSL|certificate)/);
  });

  test('an abort rejects at once and closes the connection, before and within a body', async () => {
    const from = seen.requests.length;
    const result = await run(`
      const early = new AbortController(), late = new AbortController();
      const waiting = fetch(web + '/silent', { signal: early.signal });
      setTimeout(() => early.abort(), 20);
      const first = await errorOf(waiting);
      const response = await fetch(web + '/half', { signal: late.signal });
      const reader = response.body.getReader();
      const half = (await reader.read()).value.length;
      const rest = reader.read();
      setTimeout(() => late.abort(new Error('mine')), 20);
      return { first, half, second: await errorOf(rest),
               third: await errorOf(fetch(web, { signal: AbortSignal.abort() })) };
    `);
    assert.match(result.first, /^AbortError: /);
    assert.equal(result.half, 4);
    assert.equal(result.second, 'Error: mine');
    assert.match(result.third, /^AbortError: /);
    // The first may be given up before it has gone out; the third never goes.
    const urls = seen.requests.slice(from).map(({ url }) => url);
    assert.deepEqual(
      urls.filter((url) => url !== '/silent'),
      ['/half'],
    );
  });

  test('a silent server is given up after fetch.timeout_ms', async () => {
    await amid.freeze();
    const from = seen.requests.length;
    const running = run(`return await errorOf(fetch(web + '/silent?slow'))`);
    while (!seen.requests.slice(from).some(({ url }) => url === '/silent?slow'))
      await new Promise((resolve) => setImmediate(resolve));
    await amid.advance(60_001);
    await amid.tell({ freeze: false });
    assert.match(await running, /^RequestTimeout: web\.test sent nothing/);
  });
});

describe('permission', () => {
  const denied = /^PermissionDenied: .*fetch /;

  test('every way to write an address that is not allowed', async () => {
    const from = seen.requests.length;
    const hosts = [
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '127.1',
      '127.0.0.1.',
      '0',
      'localhost',
      'LOCALHOST.',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[64:ff9b::7f00:1]',
      'inner.test',
      'mapped.test',
      'private.test',
      'web.test.evil.test',
      '169.254.169.254',
    ];
    const result = await run(`
      const found = {};
      for (const host of ${JSON.stringify(hosts)}) found[host] = await errorOf(fetch('http://' + host + ':${raw}/'));
      return found;
    `);
    for (const host of hosts) assert.match(result[host], denied, host);
    assert.equal(seen.requests.length, from);
    await amid.waitLog(/Denied: fetch /);
  });

  test('the node itself stays closed unless its port is named', async () => {
    const result = await run(`return await errorOf(fetch('http://web.test:${amid.port}/healthz'))`);
    assert.match(result, /^PermissionDenied: .*web\.test/);
  });

  test('redirects are checked like requests', async () => {
    const result = await run(`
      const to = (url) => errorOf(fetch(web + '/redirect?code=307&to=' + encodeURIComponent(url)));
      return [await to('http://localhost:${plain}/'), await to('http://2130706433:${plain}/'),
              await to('http://inner.test:${plain}/'), await to('http://mapped.test:${plain}/'),
              await to('http://127.0.0.1:${raw}/'), await to('file:///etc/passwd'), await to('//private.test/')];
    `);
    for (const at of [0, 2, 3, 4, 6]) assert.match(result[at], denied);
    assert.equal(result[1], 'no error'); // 127.0.0.1 with a port that is named
    assert.match(result[5], /^NetworkError: .*redirect/);
  });

  test('a worker without the permission gets nothing of the connection of one that has it', async () => {
    const sid = await amid.runWorker(
      `await (await fetch('https://web.test:${port}/')).text();
       logger.info('connected');
       await Stels.sleep(1e9);`,
    );
    await amid.waitLog(/connected/);
    const sockets = seen.sockets.size;
    const from = seen.requests.length;
    const result = await run(`return await errorOf(fetch(web))`, {
      permissions: { fetch: ['two.test'] },
    });
    assert.match(result, denied);
    assert.equal(seen.requests.length, from);
    assert.equal(seen.sockets.size, sockets);
    assert.equal(await run(`return await (await fetch(web)).text()`), 'hello');
    assert.equal(seen.sockets.size, sockets + 1); // one of its own
    await amid.call('deleteWorker', { sid });
  });
});

test('a bot that polls a server works unchanged', async () => {
  const updates = [
    { update_id: 7, message: { chat: { id: 1 }, text: '/start' } },
    { update_id: 8, message: { chat: { id: 1 }, text: 'price BTC' } },
  ];
  const sent = [];
  let told;
  const done = new Promise((resolve) => {
    told = resolve;
  });
  const tls = makeCertificate(folder, ['DNS:web.test']);
  const server = https.createServer(tls, async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const url = new URL(request.url, 'https://x');
    response.setHeader('content-type', 'application/json');
    if (url.pathname.endsWith('/getUpdates')) {
      const offset = Number(url.searchParams.get('offset'));
      const result = updates.filter(({ update_id }) => update_id >= offset);
      if (result.length === 0) return seen.waiting.add(response); // the long poll
      response.end(JSON.stringify({ ok: true, result }));
      return undefined;
    }
    sent.push(JSON.parse(Buffer.concat(pieces)));
    response.end('{"ok":true}');
    if (sent.length === 2) told();
    return undefined;
  });
  const bot = await listen(server);
  server.on('connection', (socket) => seen.sockets.add(socket));
  closers.push(() => server.close());
  const sid = await amid.runWorker(`
    const api = 'https://web.test:${bot}/bot123:abc';
    let offset = (await Stels.local.get(['bot', 'offset'])).value?.raw ?? 0;
    const reply = (chat, text) => fetch(api + '/sendMessage', {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ chat_id: chat, text }),
    });
    while (!shouldStop()) {
      const response = await fetch(api + '/getUpdates?timeout=30&offset=' + offset, { signal });
      const { ok, result } = await response.json();
      if (!ok) throw new Error('the bot is not accepted');
      for (const update of result) {
        offset = update.update_id + 1;
        await reply(update.message.chat.id, update.message.text === '/start' ? 'Hello' : 'BTC: 1');
        await Stels.local.set(['bot', 'offset'], offset);
      }
    }
  `);
  await done;
  assert.deepEqual(sent, [
    { chat_id: 1, text: 'Hello' },
    { chat_id: 1, text: 'BTC: 1' },
  ]);
  const answerTo = await amid.call('deleteWorker', { sid });
  assert.equal(answerTo.status, 200);
});
