// The API's edge: sessions, envelopes, malformed and oversized requests, CORS. Each fault gets its
// status and a JSON error, the connection stays in step, and nothing changes.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';

import { Amid, exchangeRaw } from './harness.js';

let amid;
before(async () => {
  amid = await Amid.start();
});
after(() => amid.stop());

const json = { 'content-type': 'application/json' };

function post(body, headers = {}) {
  return amid.request({
    method: 'POST',
    headers: { ...json, 'stels-session': amid.token, ...headers },
    body,
  });
}

/** Sends raw requests on one connection and splits the answers by their Content-Length. */
async function exchange(text) {
  const answers = [];
  let rest = await exchangeRaw(amid.port, text);
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    assert.ok(end > 0, `not an HTTP answer: ${rest}`);
    const head = rest.slice(0, end);
    const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    answers.push({ status: Number(head.split(' ')[1]), head, body });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}

describe('sessions', () => {
  const list = '{"webfix":"1.0","method":"listWorkers"}';

  test('stels-session and Bearer are the same', async () => {
    assert.equal((await post(list)).status, 200);
    const bearer = { authorization: `Bearer ${amid.token}` };
    const answer = await amid.request({
      method: 'POST',
      headers: { ...json, ...bearer },
      body: list,
    });
    assert.equal(answer.status, 200, answer.text);
  });

  test('no or a bad session is 401 with a JSON error, on every route but health', async () => {
    for (const headers of [
      {},
      { 'stels-session': '' },
      { 'stels-session': 'wrong' },
      { 'stels-session': amid.token.slice(1) },
      { 'stels-session': amid.token + '0' },
      { authorization: amid.token },
      { authorization: `Basic ${amid.token}` },
    ]) {
      for (const [method, path] of [
        ['POST', '/'],
        ['GET', '/api/workers'],
        ['GET', '/api/workers/x'],
        ['POST', '/api/workers/x/restart'],
        ['DELETE', '/api/workers/x'],
      ]) {
        const body = path === '/' ? list : undefined;
        const answer = await amid.request({ method, path, headers: { ...json, ...headers }, body });
        assert.equal(answer.status, 401, `${method} ${path}: ${answer.text}`);
        assert.equal(typeof answer.body.error, 'string', answer.text);
      }
    }
  });

  test('every method asks for it', async () => {
    for (const method of [
      'setWorker',
      'listWorkers',
      'updateWorker',
      'deleteWorker',
      'stopAllWorkers',
      'getWorkerStats',
      'getLeaderInfo',
      'restartWorker',
      'getWorker',
      'validateScript',
    ]) {
      const body = JSON.stringify({ webfix: '1.0', method, body: {} });
      const answer = await amid.request({ method: 'POST', headers: json, body });
      assert.equal(answer.status, 401, `${method}: ${answer.text}`);
    }
  });
});

describe('envelope', () => {
  test('an unknown method is code 13', async () => {
    const answer = await post('{"webfix":"1.0","method":"makeCoffee"}');
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.body, {
      webfix: '1.0',
      error: { code: 13, message: 'WebFIX method not found' },
    });
  });

  test('another protocol version of a worker method', async () => {
    for (const webfix of ['"2.0"', '1', 'null']) {
      const answer = await post(`{"webfix":${webfix},"method":"listWorkers"}`);
      assert.equal(answer.status, 400, answer.text);
      assert.deepEqual(answer.body, { error: 'Invalid request Protocol' });
    }
  });

  for (const [name, body] of [
    ['no method', '{"webfix":"1.0"}'],
    ['a numeric method', '{"webfix":"1.0","method":5}'],
    ['a list', '[]'],
    ['a string', '"setWorker"'],
    ['null', 'null'],
    ['nothing', ''],
    ['half an object', '{"webfix":"1.0","method":"listWorkers"'],
    ['text after it', '{"webfix":"1.0","method":"listWorkers"} x'],
    ['a duplicate key', '{"webfix":"1.0","method":"listWorkers","method":"stopAllWorkers"}'],
    [
      'deep nesting',
      `{"webfix":"1.0","method":"setWorker","body":${'['.repeat(100)}${']'.repeat(100)}}`,
    ],
    [
      'bad UTF-8',
      Buffer.from([...Buffer.from('{"webfix":"1.0","method":"'), 0xff, 0xfe, 0x22, 0x7d]),
    ],
    ['a lone surrogate', '{"webfix":"1.0","method":"\\ud800"}'],
    ['a NUL', '{"webfix":"1.0","method":"list\u0000Workers"}'],
  ]) {
    test(`${name} is code 400`, async () => {
      const answer = await post(body);
      assert.equal(answer.status, 400, answer.text);
      const { webfix, error } = answer.body;
      assert.equal(webfix, '1.0', answer.text);
      assert.ok([400, 13].includes(error.code), answer.text);
      assert.ok(error.message.length > 0);
      assert.equal((await amid.call('listWorkers')).text.trim(), '[]');
    });
  }
});

describe('HTTP', () => {
  test('wrong method and missing content type', async () => {
    const put = await amid.api('PUT', '/');
    assert.equal(put.status, 405, put.text);
    assert.match(put.headers.allow, /POST/);
    const get = await amid.api('POST', '/api/workers');
    assert.equal(get.status, 405, get.text);
    assert.match(get.headers.allow, /GET/);
    for (const type of [undefined, 'text/plain', 'application/xml']) {
      const answer = await amid.request({
        method: 'POST',
        headers: { 'stels-session': amid.token, ...(type && { 'content-type': type }) },
        body: '{"webfix":"1.0","method":"listWorkers"}',
      });
      assert.equal(answer.status, 415, answer.text);
      assert.equal(typeof answer.body, 'object');
    }
    const charset = await post('{"webfix":"1.0","method":"listWorkers"}', {
      'content-type': 'application/json; charset=utf-8',
    });
    assert.equal(charset.status, 200, charset.text);
  });

  test('a body over 1 MiB is refused, announced or not', async () => {
    const big = JSON.stringify({
      webfix: '1.0',
      method: 'setWorker',
      body: { note: 'x'.repeat(1 << 20) },
    });
    const announced = await amid
      .request({
        method: 'POST',
        headers: { ...json, 'stels-session': amid.token, 'content-length': Buffer.byteLength(big) },
        body: big,
      })
      .catch((error) => ({ status: error.code }));
    assert.ok([413, 'EPIPE', 'ECONNRESET'].includes(announced.status), String(announced.status));
    const head =
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
      `stels-session: ${amid.token}\r\n`;
    const [declared] = await exchange(`${head}Content-Length: 2000000\r\n\r\n`);
    assert.equal(declared.status, 413);
    assert.equal(typeof JSON.parse(declared.body).error, 'string');
    assert.equal((await amid.call('listWorkers')).text.trim(), '[]');
  });

  test('requests on one connection stay in step after a faulty one', async () => {
    const good = '{"webfix":"1.0","method":"listWorkers"}';
    const head = (length, extra = '') =>
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
      `stels-session: ${amid.token}\r\nContent-Length: ${length}\r\n${extra}\r\n`;
    const answers = await exchange(
      `${head(2)}{]${head(good.length)}${good}${head(7)}{"a":1}` +
        `${head(good.length, 'Connection: close\r\n')}${good}`,
    );
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [400, 200, 400, 200],
    );
    assert.equal(answers[3].body.trim(), '[]');
  });

  for (const [name, text] of [
    ['no HTTP at all', 'hello\r\n\r\n'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x',
    ],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a bad chunk size',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nstels-session: TOKEN\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    ],
    ['an endless header', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20000)}\r\n\r\n`],
    ['many headers', `GET / HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(5000)}\r\n`],
  ]) {
    test(`${name} gets a 4xx in JSON and the connection is closed`, async () => {
      const [answer] = await exchange(text.replace('TOKEN', amid.token));
      assert.ok(answer.status >= 400 && answer.status < 500, answer.head);
      assert.match(answer.head, /content-type: application\/json/i);
      assert.match(answer.head, /connection: close/i);
      assert.equal(typeof JSON.parse(answer.body).error, 'string');
      assert.equal((await amid.request({ path: '/healthz' })).status, 200);
    });
  }

  test('keep-alive serves many requests on one connection', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let n = 0; n < 50; n++) {
      const answer = await amid.request({ path: '/healthz', agent });
      assert.equal(answer.status, 200);
    }
    agent.destroy();
  });
});

describe('CORS', () => {
  test('a preflight is answered without a session', async () => {
    const answer = await amid.request({
      method: 'OPTIONS',
      headers: {
        origin: 'http://editor.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type, stels-session',
      },
    });
    assert.ok([200, 204].includes(answer.status), answer.text);
    assert.match(answer.headers['access-control-allow-origin'], /^(\*|http:\/\/editor\.example)$/);
    assert.match(answer.headers['access-control-allow-methods'], /POST/);
    assert.match(answer.headers['access-control-allow-headers'], /content-type/i);
    assert.match(answer.headers['access-control-allow-headers'], /stels-session/i);
  });

  test('answers carry the header, refusals too', async () => {
    for (const session of [amid.token, 'wrong']) {
      const answer = await post('{"webfix":"1.0","method":"listWorkers"}', {
        origin: 'http://editor.example',
        'stels-session': session,
      });
      assert.ok(answer.headers['access-control-allow-origin'], String(answer.status));
    }
  });
});
