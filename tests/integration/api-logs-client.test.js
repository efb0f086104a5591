// The log stream in the form that the existing web client splits by hand: rows ready to be shown, a
// beginning and an end told as events, and whoever asks for nothing that there is learns it by one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Amid } from './harness.js';
import { LogView } from './web-client.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';

let amid;
before(async () => {
  amid = await Amid.start();
});
after(() => amid.stop());

const open = (sid, follow) => LogView.open(amid.port, amid.token, sid, follow);

test('what there is, then what comes', async () => {
  const sid = await amid.runWorker(
    `logger.info('before <é> "quoted"'); logger.warn('two'); logger.error('three');
     while ((await Stels.local.get(['client', 'go-on'])).value === null) await Stels.sleep(5);
     logger.debug('four'); logger.info('after'); await Stels.sleep(1e8);`,
    { priority: 'critical' },
  );
  await amid.waitLog(/three/);
  const view = await open(sid, true);
  assert.equal(view.status, 200);
  assert.equal(view.headers['access-control-allow-origin'], '*');
  assert.match(view.headers['cache-control'], /no-store|no-cache/);
  assert.equal(view.headers['content-encoding'], undefined);
  await view.until(() => view.text().includes('three'));
  assert.deepEqual(view.events[0], { type: 'connected', sid });
  await amid.runWorker(`await Stels.local.set(['client', 'go-on'], 1);`, { mode: 'single' });
  await view.until(() => view.text().includes('after'));
  const row = /^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] \[(DEBUG|INFO|WARN|ERROR)\] .*\n$/;
  for (const event of view.events.slice(1)) {
    assert.equal(event.type, 'log');
    assert.match(event.content, row);
  }
  assert.match(view.text(), /\[INFO\] before <é> "quoted"\n/);
  assert.match(view.text(), /\[WARN\] two\n[^]*\[ERROR\] three\n[^]*\[DEBUG\] four\n/);
  assert.ok(
    view.lines.every((line) => line === '' || /^data: \{.*\}$/.test(line)),
    view.raw,
  );
  view.close();
});

test('without following there is an end', async () => {
  const sid = await amid.runWorker(`logger.info('once'); await Stels.sleep(1e8);`);
  await amid.waitLog(/once/);
  for (const follow of [false, undefined]) {
    const view = await open(sid, follow);
    await view.ended;
    assert.match(view.text(), /once/);
    assert.deepEqual(view.events.at(-1), { type: 'complete' });
  }
});

test('a worker that is not there is told as an event, nonsense is refused', async () => {
  for (const follow of [true, false]) {
    const view = await open(NOBODY, follow);
    await view.ended;
    assert.equal(view.status, 200);
    assert.deepEqual(view.events, [{ type: 'error', message: 'Worker not found' }]);
  }
  const target = '/api/worker/logs/stream';
  for (const query of ['', '?sid=', '?sid=../../etc/passwd', `?sid=${NOBODY}&follow=perhaps`]) {
    assert.equal((await amid.api('GET', target + query)).status, 400, query);
  }
  assert.equal((await amid.api('POST', `${target}?sid=${NOBODY}`)).status, 405);
  assert.equal((await amid.request({ path: `${target}?sid=${NOBODY}` })).status, 401);
  const preflight = await amid.request({
    method: 'OPTIONS',
    path: target,
    headers: {
      origin: 'https://editor.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'stels-session',
    },
  });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers['access-control-allow-headers'], /stels-session/);
});

test('a stream ends when amid stops', async () => {
  const other = await Amid.start();
  const sid = await other.runWorker(`logger.info('last'); await Stels.sleep(1e8);`);
  const view = await LogView.open(other.port, other.token, sid, true);
  await view.until(() => view.text().includes('last'));
  await other.stop();
  await view.ended;
});
