// What the API refuses because it is too much, and that it keeps answering while it is: large
// records, many compiles, many clients who change the same worker, clients who leave in the middle.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { Amid } from './harness.js';

let amid;
before(async () => {
  amid = await Amid.start({ env: { AMID_COMPILE_QUEUE: '4' } });
});
after(() => amid.stop());

/** A script that minifies to about that many bytes. */
const sized = (bytes, salt = '') => `logger.info("${salt}${'x'.repeat(bytes)}");`;

describe('size of a script', () => {
  test('more than 50 KiB: saved with a warning', async () => {
    const entry = await amid.makeWorker(sized(52_000));
    assert.equal(entry.warnings.length, 1, JSON.stringify(entry.warnings));
    assert.match(entry.warnings[0].message, /larger than 50 KB/);
  });

  test('a record of more than 64 KiB: 413, nothing stored', async () => {
    const earlier = (await amid.call('listWorkers')).text;
    const answer = await amid.call('setWorker', { scriptContent: sized(66_000) });
    assert.equal(answer.status, 413, answer.text);
    assert.match(answer.body.error, /too large/i);
    assert.equal((await amid.call('listWorkers')).text, earlier);
    const { value } = await amid.makeWorker('logger.info(1)');
    const update = await amid.call('updateWorker', {
      channel: value.channel,
      raw: { script: sized(66_000) },
    });
    assert.equal(update.status, 413, update.text);
    const got = await amid.call('getWorker', { sid: value.raw.sid });
    assert.equal(got.body.value.raw.script, value.raw.script);
    assert.equal(got.body.value.raw.source, 'logger.info(1)');
  });

  test('a source with much white space is kept whole', async () => {
    const source = `// ${'comment '.repeat(20_000)}\nlogger.info(1);`;
    const entry = await amid.makeWorker(source);
    const got = await amid.call('getWorker', { channel: entry.value.channel });
    assert.equal(got.body.value.raw.source, source);
    const long = `${' '.repeat(257 * 1024)}logger.info(1)`;
    assert.equal((await amid.call('setWorker', { scriptContent: long })).status, 400);
  });
});

describe('much at once', () => {
  test('compiles beyond the queue get 503 with Retry-After, the others succeed', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        amid.call('validateScript', { scriptContent: sized(3000, `queue ${n} `) }),
      ),
    );
    const good = answers.filter((answer) => answer.status === 200);
    const busy = answers.filter((answer) => answer.status === 503);
    assert.equal(good.length + busy.length, 30);
    assert.ok(good.length >= 4, `${good.length} succeeded`);
    assert.ok(busy.length > 0);
    for (const answer of busy) {
      assert.equal(answer.headers['retry-after'], '1');
      assert.equal(typeof answer.body.error, 'string');
    }
    assert.equal((await amid.call('validateScript', { scriptContent: 'x' })).status, 200);
  });

  test('a hundred clients change one worker, nobody’s change is lost', async () => {
    const { value } = await amid.makeWorker('logger.info(1)');
    const { sid } = value.raw;
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        amid.call('updateWorker', {
          channel: value.channel,
          raw: n % 2 ? { note: `n${n}` } : { accountId: `a${n}` },
        }),
      ),
    );
    assert.ok(answers.every((answer) => answer.status === 200));
    const stamps = new Set(answers.map((answer) => answer.body.versionstamp));
    assert.equal(stamps.size, 100);
    const last = answers
      .map((answer) => answer.body)
      .sort(byStamp)
      .at(-1);
    assert.deepEqual((await amid.api('GET', `/api/workers/${sid}`)).body.value, last.value);
  });

  test('changes, restarts and deletes of one worker at once: each is answered', async () => {
    const { value } = await amid.makeWorker('await Stels.sleep(1e8);');
    const { sid } = value.raw;
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        n === 30
          ? amid.call('deleteWorker', { sid })
          : n % 2
            ? amid.call('restartWorker', { sid })
            : amid.api('POST', `/api/workers/${sid}/stop`),
      ),
    );
    for (const { status, text } of answers) assert.ok([200, 404].includes(status), text);
    assert.equal(answers[30].status, 200);
    assert.equal((await amid.api('GET', `/api/workers/${sid}`)).status, 404);
  });

  test('of clients with the same lock one wins', async () => {
    const entry = await amid.makeWorker('logger.info(1)');
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        amid.call('updateWorker', {
          channel: entry.value.channel,
          raw: { note: `n${n}` },
          versionstamp: entry.versionstamp,
        }),
      ),
    );
    const statuses = answers.map((answer) => answer.status).sort();
    assert.deepEqual(statuses, [200, ...Array(9).fill(409)]);
  });

  test('clients who leave before the answer do no harm', async () => {
    const body = (n) =>
      JSON.stringify({
        webfix: '1.0',
        method: 'setWorker',
        body: { scriptContent: sized(2000, `gone ${n} `), note: 'gone' },
      });
    await Promise.all(
      Array.from(
        { length: 8 },
        (_, n) =>
          new Promise((resolve) => {
            const text = body(n);
            const socket = net.connect(amid.port, '127.0.0.1', () => {
              socket.write(
                `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
                  `stels-session: ${amid.token}\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
                () => socket.resetAndDestroy(),
              );
            });
            socket.on('error', () => {});
            socket.on('close', resolve);
          }),
      ),
    );
    assert.equal((await amid.call('listWorkers')).status, 200);
  });
});

describe('locks', () => {
  test('nonsense is refused by name', async () => {
    const { value } = await amid.makeWorker('logger.info(1)');
    const { channel } = value;
    const raw = { note: 'x' };
    for (const [body, headers] of [
      [{ channel, raw, versionstamp: 7 }, {}],
      [{ channel, raw, versionstamp: 'short' }, {}],
      [{ channel, raw, versionStamp: '0' }, {}],
      [{ channel, raw }, { 'if-match': 'x' }],
      [{ channel, raw }, { 'if-match': `"${'0'.repeat(19)}g"` }],
      [{ channel, raw, versionstamp: '0'.repeat(20) }, { 'if-match': '1'.repeat(20) }],
    ]) {
      const answer = await amid.call('updateWorker', body, headers);
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.body.error, /versionstamp|If-Match/i);
    }
    const any = await amid.call('updateWorker', { channel, raw }, { 'if-match': '*' });
    assert.equal(any.status, 200, any.text);
  });

  test('a local worker cannot be moved to another node by an update', async () => {
    const { value } = await amid.makeWorker('logger.info(1)', { scope: 'local' });
    const answer = await amid.call('updateWorker', {
      channel: value.channel,
      raw: { executionMode: 'exclusive', assignedNode: 's-0002' },
    });
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.body.error, /assignedNode/);
  });
});

function byStamp(a, b) {
  return a.versionstamp < b.versionstamp ? -1 : 1;
}
