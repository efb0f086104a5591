// Log lines over HTTP: the last lines as an array, and a stream that tells past and new lines once
// each, in the one format that clients split by hand, and ends with the client or with amid.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';

import { Amid } from './harness.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';

let amid;
before(async () => {
  amid = await Amid.start();
});
after(() => amid.stop());

/** Opens a stream; lines() resolves when a predicate holds for the values so far. */
function follow(sid, query = '&lines=100') {
  return new Promise((resolve, reject) => {
    const outgoing = http.get(
      {
        host: '127.0.0.1',
        port: amid.port,
        path: `/api/workers/${sid}/logs?follow=1${query}`,
        headers: { 'stels-session': amid.token },
        agent: false,
      },
      (incoming) => {
        const stream = { incoming, text: '', values: [], waiters: [], ended: false };
        const look = () => {
          stream.waiters = stream.waiters.filter((waiter) => !waiter());
        };
        incoming.setEncoding('utf8');
        incoming.on('data', (piece) => {
          stream.text += piece;
          const events = stream.text.split('\n\n').slice(0, -1);
          stream.values = events.map((event) => JSON.parse(event.replace(/^data: /, '')));
          look();
        });
        incoming.on('close', () => {
          stream.ended = true;
          look();
        });
        stream.until = (predicate) =>
          new Promise((done) => {
            stream.waiters.push(() => (predicate(stream) ? (done(), true) : false));
            look();
          });
        stream.close = () => outgoing.destroy();
        resolve(stream);
      },
    );
    outgoing.on('error', (error) => (error.code === 'ECONNRESET' ? undefined : reject(error)));
  });
}

const texts = (lines) => lines.filter((line) => line.source === 'script').map((line) => line.text);

describe('the last lines', () => {
  test('are an array, oldest first, and as many as asked for', async () => {
    const sid = await amid.runWorker(
      `for (let n = 1; n <= 5; n++) logger.warn('line ' + n, { n });
       logger.error('a "quoted" line\\nwith <é> and \\u0007'); await Stels.sleep(1e8);`,
    );
    await amid.waitLog(/quoted/);
    const all = await amid.api('GET', `/api/workers/${sid}/logs`);
    assert.equal(all.status, 200, all.text);
    const script = all.body.filter((line) => line.source === 'script');
    assert.equal(script.length, 6);
    assert.match(script[0].text, /^line 1/);
    assert.deepEqual([script[0].level, script[5].level], ['warn', 'error']);
    assert.match(script[5].text, /<é>/);
    assert.ok(all.body.some((line) => line.source === 'amid'));
    for (let n = 1; n < all.body.length; n++) {
      assert.equal(all.body[n].sequence, all.body[n - 1].sequence + 1);
    }
    const two = await amid.api('GET', `/api/workers/${sid}/logs?lines=2`);
    assert.deepEqual(two.body, all.body.slice(-2));
    const none = await amid.api('GET', `/api/workers/${sid}/logs?lines=0`);
    assert.deepEqual(none.body, []);
  });

  test('unknown workers and nonsense are refused', async () => {
    assert.equal((await amid.api('GET', `/api/workers/${NOBODY}/logs`)).status, 404);
    const sid = (await amid.makeWorker('logger.info(1)')).value.raw.sid;
    for (const query of ['lines=x', 'lines=-1', 'lines=1e3', 'lines=10001', 'lines=', 'follow=2']) {
      const answer = await amid.api('GET', `/api/workers/${sid}/logs?${query}`);
      assert.equal(answer.status, 400, `${query}: ${answer.text}`);
      assert.equal(typeof answer.body.error, 'string');
    }
    const post = await amid.api('POST', `/api/workers/${sid}/logs`);
    assert.equal(post.status, 405);
    assert.equal((await amid.request({ path: `/api/workers/${sid}/logs?follow=1` })).status, 401);
  });
});

describe('a stream', () => {
  test('tells the past and what comes, once each', async () => {
    const sid = await amid.runWorker(
      `logger.info('before');
       while ((await Stels.local.get(['go-on'])).value === null) await Stels.sleep(5);
       logger.info('after'); await Stels.sleep(1e8);`,
    );
    await amid.waitLog(/before/);
    const stream = await follow(sid);
    assert.equal(stream.incoming.statusCode, 200);
    assert.equal(stream.incoming.headers['content-type'], 'text/event-stream');
    assert.equal(stream.incoming.headers['access-control-allow-origin'], '*');
    await stream.until(({ values }) => texts(values).includes('before'));
    await amid.runWorker(`await Stels.local.set(['go-on'], 1);`, { mode: 'single' });
    await stream.until(({ values }) => texts(values).includes('after'));
    assert.deepEqual(texts(stream.values), ['before', 'after']);
    assert.ok(!stream.text.includes('\r'));
    assert.ok(stream.text.split('\n').every((line) => line === '' || line.startsWith('data: {')));
    stream.close();
  });

  test('goes on over a restart of the worker and can be opened by several', async () => {
    const sid = await amid.runWorker(`logger.info('start'); await Stels.sleep(1e8);`);
    await amid.waitLog(new RegExp(`${sid.slice(0, 8)}.*start`));
    const streams = await Promise.all([follow(sid), follow(sid, '&lines=0')]);
    await amid.call('restartWorker', { sid });
    await streams[0].until(({ values }) => texts(values).length === 2);
    await streams[1].until(({ values }) => texts(values).length === 1);
    for (const stream of streams) stream.close();
  });

  test('a client who leaves leaves nothing behind', async () => {
    const sid = await amid.runWorker(`logger.info('here'); await Stels.sleep(1e8);`);
    const before = await amid.api('GET', '/api/stats');
    for (let n = 0; n < 20; n++) {
      const stream = await follow(sid);
      await stream.until(({ values }) => texts(values).includes('here'));
      stream.close();
    }
    let now;
    do now = await amid.api('GET', '/api/stats');
    while (now.body.http.connections > before.body.http.connections);
  });

  test('too many are refused and the others go on', async () => {
    const sid = await amid.runWorker(`logger.info('many'); await Stels.sleep(1e8);`);
    const streams = await Promise.all(Array.from({ length: 130 }, () => follow(sid)));
    const codes = streams.map((stream) => stream.incoming.statusCode);
    assert.deepEqual([...new Set(codes)].sort(), [200, 503]);
    await streams[codes.indexOf(200)].until(({ values }) => texts(values).includes('many'));
    for (const stream of streams) stream.close();
  });

  test('ends when amid stops', async () => {
    const other = await Amid.start();
    const sid = await other.runWorker(`logger.info('last'); await Stels.sleep(1e8);`);
    const main = amid;
    amid = other;
    const stream = await follow(sid);
    amid = main;
    await stream.until(({ values }) => texts(values).includes('last'));
    await other.stop();
    await stream.until(({ ended }) => ended);
  });
});
