// The WebSocket that the existing web client holds: it gets the subprotocol and a first value at
// once, then one every few seconds; and whatever goes wrong, a close frame in words that do not
// make that client delete its wallet.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Amid } from './harness.js';
import { ClientSocket, clientFrame } from './web-client.js';

let amid;
before(async () => {
  amid = await Amid.start();
});
after(() => amid.stop());

const open = (options) => ClientSocket.open(amid.port, { session: amid.token, ...options });

test('the handshake echoes the subprotocol only if it is offered', async () => {
  const socket = await open();
  assert.equal(socket.headers['sec-websocket-protocol'], 'webfix');
  const plain = await open({ protocol: null });
  assert.equal(plain.headers['sec-websocket-protocol'], undefined);
  const many = await open({ protocol: 'other, webfix' });
  assert.equal(many.headers['sec-websocket-protocol'], 'webfix');
  for (const each of [socket, plain, many]) {
    each.send(clientFrame(8, Buffer.from([3, 232])));
    await each.ended;
    assert.equal(each.code, 1000);
  }
});

test('a subscriber gets the node in numbers at once, and again', async () => {
  const sid = await amid.runWorker(`await Stels.sleep(1e8);`, { scope: 'local' });
  await amid.makeWorker('logger.info(1)');
  const socket = await open();
  socket.subscribe();
  await socket.until(() => socket.values.length >= 2);
  const [value] = socket.values;
  assert.equal(value.channel, 'testnet.runtime.sonar');
  assert.deepEqual([typeof value.module, typeof value.widget], ['string', 'string']);
  assert.equal(value.raw.totalNodes, 1);
  const [[nid, node]] = Object.entries(value.raw.nodes);
  assert.equal(node.raw.currentNode.id, nid);
  assert.deepEqual(node.raw.workers, { active: 1, stopped: 1, total: 2, local: 1, network: 1 });
  assert.deepEqual(node.raw.currentNode.workers, node.raw.workers);
  assert.equal(value.raw.network.totalWorkers, 2);
  assert.ok(Math.abs(Date.now() - value.timestamp) < 3_600_000);
  await amid.call('deleteWorker', { sid });
  await socket.until(() => socket.values.at(-1).raw.network.totalWorkers === 1);
  socket.socket.destroy();
});

test('without a session the client is let in and sent away, its wallet unharmed', async () => {
  for (const options of [
    { session: undefined },
    { session: '' },
    { session: 'f'.repeat(64) },
    { session: `${amid.token}0` },
    { target: '/?token=x&session=' },
  ]) {
    const socket = await open(options);
    await socket.ended;
    assert.equal(socket.code, 4001);
    assert.equal(socket.outcome, 'reconnects', socket.reason);
    assert.equal(socket.values.length, 0);
  }
});

test('frames that break the rules end the socket with the code for it', async () => {
  const cases = [
    [clientFrame(1, 'x', { masked: false }), 1002],
    [clientFrame(3, 'x'), 1002],
    [clientFrame(2, 'binary'), 1003],
    [clientFrame(1, Buffer.from([0xc0, 0x80])), 1007],
    [clientFrame(1, 'x'.repeat(16 * 1024 + 1)), 1009],
    [clientFrame(8, Buffer.from([3])), 1002],
  ];
  for (const [bytes, code] of cases) {
    const socket = await open();
    socket.send(bytes);
    await socket.ended;
    assert.equal(socket.code, code);
    assert.equal(socket.outcome, 'reconnects', socket.reason);
  }
});

test('what is no subscription changes nothing, and pings are answered', async () => {
  const socket = await open();
  for (const text of [
    '',
    '{',
    '[]',
    'null',
    '{"method":"subscribe"}',
    '{"method":7,"channel":"x"}',
  ]) {
    socket.say(text);
  }
  socket.send(Buffer.concat([clientFrame(1, '{"method":', { fin: false }), clientFrame(9, 'one')]));
  await socket.until(() => socket.pongs.length === 1);
  assert.deepEqual([socket.pongs, socket.values.length], [['one'], 0]);
  socket.send(clientFrame(0, '"subscribe","channel":"sonar"}'));
  await socket.until(() => socket.values.length === 1);
  socket.socket.destroy();
});

test('only WebSockets of version 13 are opened', async () => {
  for (const headers of [
    { 'sec-websocket-version': '8' },
    { 'sec-websocket-key': 'short' },
    { 'sec-websocket-key': '' },
  ]) {
    const socket = await open({ headers });
    assert.ok([400, 426].includes(socket.refused), String(socket.refused));
  }
  assert.equal((await open({ target: '/api/workers' })).refused, 401);
  const plain = await amid.request({ path: '/?session=' + amid.token });
  assert.equal(plain.status, 401);
});

test('a page of another origin than those allowed is sent away', async () => {
  const cors = 'https://other.example, https://editor.example';
  const strict = await Amid.start({ env: { AMID_HTTP_CORS: cors } });
  const visit = (origin) =>
    ClientSocket.open(strict.port, { session: strict.token, headers: { origin } });
  const bad = await visit('https://evil.example');
  await bad.ended;
  assert.equal(bad.code, 4003);
  const good = await visit('https://editor.example');
  good.subscribe();
  await good.until(() => good.values.length > 0);
  good.socket.destroy();
  await strict.stop();
});

test('there is a bound on sockets, and who leaves makes room', async () => {
  const other = await Amid.start();
  // One session holds 32 at most, so several are needed.
  const tokens = await Promise.all(
    Array.from({ length: 8 }, () => other.api('POST', '/api/tokens', { role: 'viewer' })),
  );
  const sessions = tokens.map(({ body }) => body.secret);
  const openAs = (session) => ClientSocket.open(other.port, { session });
  const sockets = await Promise.all(sessions.flatMap((each) => Array(32).fill(each).map(openAs)));
  const tooMany = await openAs(sessions[0]);
  await tooMany.ended;
  assert.deepEqual([tooMany.code, tooMany.outcome], [1013, 'reconnects']);
  const session = other.token;
  sockets.push(await openAs(session));
  await Promise.race(sockets.map((socket) => socket.ended));
  const closed = sockets.filter((socket) => socket.code !== undefined);
  assert.equal(closed.length, 1);
  assert.deepEqual([closed[0].code, closed[0].outcome], [1013, 'reconnects']);
  const leaving = sockets.find((socket) => socket.code === undefined);
  leaving.send(clientFrame(8, Buffer.from([3, 232])));
  await leaving.ended;
  const next = await ClientSocket.open(other.port, { session });
  next.subscribe();
  await next.until(() => next.values.length > 0);
  await other.stop();
  await Promise.all(sockets.map((socket) => socket.ended));
});

test('subscriptions again and again are not each answered at once', async () => {
  const other = await Amid.start();
  await other.freeze();
  const socket = await ClientSocket.open(other.port, { session: other.token });
  for (let n = 0; n < 50; n++) socket.subscribe();
  socket.send(clientFrame(9, 'all read'));
  await socket.until(() => socket.pongs.includes('all read'));
  assert.equal(socket.values.length, 4);
  await other.advance(5000);
  await socket.until(() => socket.values.length === 5);
  await other.stop();
});

test('a client that answers no ping is let go, one that does stays', async () => {
  const other = await Amid.start();
  const [mute, lively] = await Promise.all(
    [0, 1].map(() => ClientSocket.open(other.port, { session: other.token })),
  );
  mute.answersPings = false;
  await other.freeze();
  await other.advance(31_000);
  await Promise.all([mute, lively].map((socket) => socket.until(() => socket.pings === 1)));
  // A round trip after the pong, so that it has been read.
  lively.send(clientFrame(9, 'here'));
  await lively.until(() => lively.pongs.length === 1);
  await other.advance(31_000);
  await mute.ended;
  assert.deepEqual([mute.code, mute.outcome], [1001, 'reconnects']);
  await lively.until(() => lively.pings === 2);
  assert.equal(lively.isEnded, undefined);
  await other.tell({ freeze: false });
  await other.stop();
});

test('amid stops: every client is told to come back', async () => {
  const other = await Amid.start();
  const sockets = await Promise.all(
    Array.from({ length: 5 }, () => ClientSocket.open(other.port, { session: other.token })),
  );
  for (const socket of sockets) socket.subscribe();
  await Promise.all(sockets.map((socket) => socket.until(() => socket.values.length > 0)));
  await other.stop();
  for (const socket of sockets) {
    await socket.ended;
    assert.deepEqual([socket.code, socket.outcome], [1012, 'reconnects']);
  }
});
