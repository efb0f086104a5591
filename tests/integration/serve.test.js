// Holds: a worker serves HTTP through Deno.serve. Requests reach its handler whole or in a stream and
// answers their clients; the port is one that node and worker allow, stays open over a reload while
// requests wait, and is given back when the worker stops; neither a client that goes nor a process
// that dies leaves anybody waiting or a connection out of step.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';
import { Amid, exchangeRaw, request } from './harness.js';

let amid;
let base;

/** A run of ports that nobody has: the tests of this file count upwards from it. */
async function freePorts() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return Math.min(port, 65000);
}

let next = 0;
const newPort = () => base + next++;

before(async () => {
  base = await freePorts();
  amid = await Amid.start({ env: { AMID_SERVE_PORTS: `${base}-${base + 99}` } });
});
after(() => amid.stop());

/** Runs the script and waits until it says that it listens. */
async function serveWorker(port, script, members = {}) {
  const from = amid.logMark();
  const sid = await amid.runWorker(
    `const listening = ({port, hostname}) => logger.info('listens on ' + hostname + ' ' + port);
     ${script}`,
    { note: `port ${port}`, ...members },
  );
  await amid.waitLog(new RegExp(`listens on 127\\.0\\.0\\.1 ${port}`), { from });
  return sid;
}

async function gone(sid) {
  const from = amid.mark();
  await amid.call('deleteWorker', { sid });
  await amid.waitFor((event) => event.event === 'exit' && event.sid === sid, { from });
}

test('an API endpoint in the default mode, with what a request carries', async () => {
  const port = newPort();
  const sid = await serveWorker(
    port,
    `Deno.serve({ port: ${port}, onListen: listening }, async (req, info) => {
       const url = new URL(req.url);
       if (url.pathname === '/echo') {
         return Response.json({
           method: req.method, search: url.search, type: req.headers.get('content-type'),
           quote: req.headers.get('x-quote'), body: await req.text(), peer: info.remoteAddr,
           connection: req.headers.get('connection'),
         }, { status: 201, headers: { 'x-one': 'a', 'Connection': 'close' } });
       }
       if (url.pathname === '/throw') throw new Error('boom');
       if (url.pathname === '/nothing') return new Response(null, { status: 204 });
       if (url.pathname === '/unchanged') return new Response(null, { status: 304 });
       if (url.pathname === '/bytes') return new Response(new Uint8Array([0, 255, 10]));
       if (url.pathname === '/null') return 7;
       if (url.pathname === '/nul') return new Response('a\\0b é 😀');
       return new Response('Not Found', { status: 404 });
     });`,
  );
  const echo = await request(port, {
    method: 'POST',
    path: '/echo?a=1&b=%C3%A9',
    headers: { 'content-type': 'text/x', 'x-quote': '"\\é' },
    body: Buffer.from('héllo'),
  });
  assert.equal(echo.status, 201);
  assert.equal(echo.headers['x-one'], 'a');
  assert.notEqual(echo.headers.connection, undefined);
  assert.equal(echo.body.body, 'héllo');
  assert.equal(echo.body.quote, '"\\é');
  assert.equal(echo.body.search, '?a=1&b=%C3%A9');
  assert.equal(echo.body.type, 'text/x');
  assert.equal(echo.body.connection, null);
  assert.equal(echo.body.peer.hostname, '127.0.0.1');
  assert.equal(typeof echo.body.peer.port, 'number');
  const from = amid.logMark();
  const thrown = await request(port, { path: '/throw' });
  assert.equal(thrown.status, 500);
  assert.equal(thrown.text, 'Internal Server Error');
  await amid.waitLog(/Error: boom/, { from });
  assert.equal((await request(port, { path: '/null' })).status, 500);
  const nothing = await request(port, { path: '/nothing' });
  assert.equal(nothing.status, 204);
  assert.equal(nothing.headers['content-length'], undefined);
  assert.equal((await request(port, { path: '/unchanged' })).status, 304);
  assert.equal((await request(port, { path: '/nul' })).text, 'a\0b é 😀');
  assert.equal((await request(port, { path: '/nix' })).text, 'Not Found');
  const head = await request(port, { method: 'HEAD', path: '/nix' });
  assert.equal(head.headers['content-length'], '9');
  assert.equal(head.text, '');
  const raw = await exchangeRaw(
    port,
    'GET /bytes HTTP/1.1\r\nHost: x\r\n\r\nGET /nix HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  assert.match(raw, /Content-Length: 3\r\n\r\n[^]{2,}HTTP\/1\.1 404 Not Found/);
  const row = await amid.stats(sid);
  assert.equal(row.errors, 0);
  assert.equal((await amid.view(sid)).state, 'running');
  await gone(sid);
  await assert.rejects(request(port, {}), /ECONNREFUSED/);
});

test('onError answers, shutdown finishes what is under way and the port is free again', async () => {
  const port = newPort();
  const from = amid.logMark();
  const sid = await serveWorker(
    port,
    `const server = Deno.serve({
       port: ${port}, onListen: listening,
       handler(req) {
         if (req.url.endsWith('/stop')) { server.shutdown(); return Stels.sleep(20).then(() => new Response('last')); }
         throw new TypeError('told');
       },
       onError: (error) => new Response(error.message, { status: 418 }),
     });
     await server.finished;
     logger.info('finished ' + server.addr.port);
     await Stels.sleep(3600000);`,
  );
  const told = await request(port, {});
  assert.equal(told.status, 418);
  assert.equal(told.text, 'told');
  const last = await request(port, { path: '/stop' });
  assert.equal(last.text, 'last');
  await amid.waitLog(new RegExp(`finished ${port}`), { from });
  await assert.rejects(request(port, {}), /ECONNREFUSED/);
  await gone(sid);
});

test('a port that is taken or forbidden is a clear error', async () => {
  const port = newPort();
  const sid = await serveWorker(
    port,
    `Deno.serve({ port: ${port}, onListen: listening }, () => new Response('mine'));`,
  );
  const tell = (options) =>
    amid.evaluate(
      `try { await Deno.serve(${options}, () => new Response('')).finished; return 'served'; }
       catch (error) { return error.name + ': ' + error.message; }`,
    );
  assert.match(await tell(`{ port: ${port} }`), /^AddrInUse: port \d+ is taken by another worker/);
  assert.match(await tell('{ port: 22 }'), /^PermissionDenied: .*serve 22/);
  assert.match(
    await tell(`{ port: ${newPort()}, hostname: '8.8.8.8' }`),
    /^PermissionDenied: .*serve\.address/,
  );
  assert.match(await tell(`{ port: 1.5 }`), /^TypeError/);
  const taken = newPort();
  const other = net.createServer();
  await new Promise((resolve) => other.listen(taken, '127.0.0.1', resolve));
  assert.match(await tell(`{ port: ${taken} }`), /^AddrInUse: cannot listen/);
  await new Promise((resolve) => other.close(resolve));
  // Nobody asks how it went: an error of the iteration, with the usual backoff.
  const from = amid.mark();
  const loser = await amid.runWorker(`Deno.serve({ port: ${port} }, () => new Response(''));`);
  const state = await amid.waitState(loser, 'backoff', { from });
  assert.match(state.reason, /AddrInUse/);
  await gone(loser);
  await gone(sid);
});

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some(({ address }) => address === '::1');

test('listens on an IPv6 address', { skip: !hasIpv6 && 'this machine has none' }, async () => {
  const port = newPort();
  const from = amid.logMark();
  const sid = await amid.runWorker(
    `Deno.serve({
       port: ${port}, hostname: '::1', onListen: ({ hostname, port }) => logger.info('listens on ' + hostname + ' ' + port),
     }, (request, info) => new Response(info.remoteAddr.hostname + ' asked for ' + new URL(request.url).host));`,
  );
  await amid.waitLog(new RegExp(`listens on ::1 ${port}`), { from });
  const answer = await fetch(`http://[::1]:${port}/`);
  assert.equal(await answer.text(), `::1 asked for [::1]:${port}`);
  await gone(sid);
});

test('1,000 requests over 64 connections while the worker is reloaded five times', async () => {
  const port = newPort();
  const script = (version) =>
    `Deno.serve({ port: ${port}, onListen: listening }, async () => {
       await new Promise((resolve) => setTimeout(resolve, 1)); return new Response('v${version}'); });`;
  const prelude = `const listening = ({port, hostname}) => logger.info('listens on ' + hostname + ' ' + port);`;
  const sid = await serveWorker(port, script(0));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const seen = new Map();
  let started = 0;
  let reloads = 0;
  let reloading = Promise.resolve();
  async function client() {
    while (started < 1000 || reloads < 5) {
      started++;
      const answer = await request(port, { agent });
      assert.equal(answer.status, 200, answer.text);
      seen.set(answer.text, (seen.get(answer.text) ?? 0) + 1);
    }
  }
  async function reload() {
    for (let version = 1; version <= 5; version++) {
      const from = amid.logMark();
      await amid.updateWorker(sid, { script: `${prelude}\n${script(version)}` });
      await amid.waitLog(new RegExp(`listens on 127\\.0\\.0\\.1 ${port}`), { from });
      reloads++;
    }
  }
  reloading = reload();
  await Promise.all([reloading, ...Array.from({ length: 64 }, client)]);
  assert.ok(started >= 1000);
  assert.equal([...seen.keys()].filter((text) => /^v[0-5]$/.test(text)).length, seen.size);
  assert.equal((await request(port, {})).text, 'v5');
  agent.destroy();
  await gone(sid);
});

test('a long download follows its reader, and one that ends early is told to the handler', async () => {
  const port = newPort();
  const sid = await serveWorker(
    port,
    `Deno.serve({ port: ${port}, onListen: listening }, (req) => {
       let sent = 0;
       req.signal.addEventListener('abort', () => logger.info('aborted ' + req.signal.reason.name));
       return new Response(new ReadableStream({
         pull(controller) {
           sent += 65536;
           controller.enqueue(new Uint8Array(65536));
           if (sent >= 24 * 1024 * 1024) controller.close();
         },
         cancel() { logger.info('cancelled after ' + sent); },
       }));
     });`,
  );
  // A reader that stops: the script makes no more than fits in the buffers between.
  const from = amid.logMark();
  const socket = net.connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 300));
  socket.destroy();
  const line = await amid.waitLog(/cancelled after \d+/, { from });
  assert.ok(Number(/after (\d+)/.exec(line)[1]) < 16 * 1024 * 1024, line);
  await amid.waitLog(/aborted AbortError/, { from });
  const whole = await new Promise((resolve, reject) => {
    http
      .get({ port, host: '127.0.0.1' }, (incoming) => {
        let bytes = 0;
        incoming.on('data', (piece) => (bytes += piece.length));
        incoming.on('end', () => resolve(bytes));
        incoming.on('error', reject);
      })
      .on('error', reject);
  });
  assert.equal(whole, 24 * 1024 * 1024);
  assert.equal((await amid.stats(sid)).errors, 0);
  await gone(sid);
});

test('a long upload is read as it comes', async () => {
  const port = newPort();
  const sid = await serveWorker(
    port,
    `Deno.serve({ port: ${port}, onListen: listening }, async (req) => {
       let bytes = 0;
       for await (const piece of req.body) bytes += piece.length;
       return new Response(String(bytes));
     });`,
  );
  const answer = await new Promise((resolve, reject) => {
    const outgoing = http.request({ port, host: '127.0.0.1', method: 'POST' }, (incoming) => {
      incoming.setEncoding('utf8');
      incoming.on('data', resolve);
    });
    outgoing.on('error', reject);
    let left = 80;
    const more = () => {
      if (left-- > 0) outgoing.write(Buffer.alloc(100_000), more);
      else outgoing.end();
    };
    more();
  });
  assert.equal(answer, '8000000');
  assert.equal(
    (await request(port, { method: 'POST', headers: { 'content-length': 99_999_999 } })).status,
    413,
  );
  await gone(sid);
});

test('a process that dies in the middle: 502 for what it had, and the port waits for the next', async () => {
  const port = newPort();
  const sid = await serveWorker(
    port,
    `Deno.serve({ port: ${port}, onListen: listening }, (req) => {
       if (req.url.endsWith('/hang')) { logger.info('hangs'); return new Promise(() => {}); }
       return new Response('alive');
     });`,
  );
  const from = amid.logMark();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const hanging = request(port, { path: '/hang', agent });
  await amid.waitLog(/hangs/, { from });
  process.kill((await amid.view(sid)).instance.pid, 'SIGKILL');
  assert.equal((await hanging).status, 502);
  // The same connection; the request waits out the backoff.
  assert.equal((await request(port, { agent })).text, 'alive');
  agent.destroy();
  await gone(sid);
});

test('stop: what is under way is answered, then the port is closed', async () => {
  const port = newPort();
  const sid = await serveWorker(
    port,
    `Deno.serve({ port: ${port}, onListen: listening }, async (req) => {
       logger.info('began');
       await new Promise((resolve) => setTimeout(resolve, 200));
       return new Response('done');
     });`,
  );
  const from = amid.logMark();
  const under = request(port, {});
  await amid.waitLog(/began/, { from });
  const mark = amid.mark();
  await amid.updateWorker(sid, { active: false });
  assert.equal((await under).text, 'done');
  const exit = await amid.waitFor((event) => event.event === 'exit' && event.sid === sid, {
    from: mark,
  });
  assert.deepEqual({ code: exit.code, kill: exit.kill }, { code: 0, kill: 'none' });
  await assert.rejects(request(port, {}), /ECONNREFUSED/);
  await amid.call('deleteWorker', { sid });
});
