// Statistics, leader information, stop and restart, the operator's routes and health: what each
// answers for every state a worker can be in.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Amid } from './harness.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const IDLE = 'await Stels.sleep(1e8);';

let amid;
before(async () => {
  amid = await Amid.start();
});
after(() => amid.stop());

async function removeAll() {
  for (const entry of (await amid.call('listWorkers')).body) {
    assert.equal((await amid.call('deleteWorker', { sid: entry.key[2] })).status, 200);
  }
}

describe('stopAllWorkers', () => {
  test('without workers answers the documented empty form', async () => {
    await removeAll();
    const answer = await amid.call('stopAllWorkers');
    assert.equal(answer.status, 200, answer.text);
    assert.equal(
      answer.text.trim(),
      '{"message":"No workers found","total":0,"stopped":0,"failed":0,"workers":[]}',
    );
  });

  test('stops the active ones and names those that were stopped already', async () => {
    await removeAll();
    const running = [await amid.runWorker(IDLE), await amid.runWorker(IDLE)];
    const idle = (await amid.makeWorker(IDLE)).value.raw.sid;
    for (const sid of running) await amid.waitState(sid, 'running');
    const answer = await amid.call('stopAllWorkers');
    assert.equal(answer.status, 200, answer.text);
    const { total, stopped, failed, errors, workers } = answer.body;
    assert.deepEqual(
      { total, stopped, failed, errors },
      { total: 3, stopped: 3, failed: 0, errors: [] },
    );
    assert.deepEqual(Object.keys(answer.body), ['total', 'stopped', 'failed', 'errors', 'workers']);
    const status = Object.fromEntries(workers.map((item) => [item.channel, item.status]));
    for (const sid of running) assert.equal(status[`ami.worker.${sid}`], 'stopped');
    assert.equal(status[`ami.worker.${idle}`], 'already_stopped');
    for (const sid of running) await amid.waitState(sid, 'inactive');
    for (const entry of (await amid.call('listWorkers')).body) {
      assert.equal(entry.value.raw.active, false);
    }
  });
});

describe('getWorkerStats', () => {
  test('counts iterations, errors and ticks as documented', async () => {
    await removeAll();
    const sid = await amid.runWorker(`
      globalThis.n = (globalThis.n || 0) + 1;
      await Stels.sleep(1);
      if (globalThis.n === 4) { logger.info('fourth-' + Stels.config.sid); await Stels.sleep(1e8); }
    `);
    await amid.waitLog(new RegExp(`fourth-${sid}`));
    const idle = (await amid.makeWorker('logger.info(1)')).value.raw.sid;
    const stats = await amid.stats();
    assert.deepEqual(Object.keys(stats), [
      'totalWorkers',
      'runningWorkers',
      'stoppedWorkers',
      'totalExecutions',
      'totalErrors',
      'totalNetworkErrors',
      'totalCriticalErrors',
      'workers',
      'timestamp',
      'framesRefused',
    ]);
    assert.deepEqual(
      [stats.totalWorkers, stats.runningWorkers, stats.stoppedWorkers, stats.totalExecutions],
      [2, 1, 1, 3],
    );
    const row = stats.workers.find((item) => item.sid === sid);
    assert.deepEqual(
      [row.executions, row.ticks, row.errors, row.networkErrors, row.criticalErrors],
      [3, 4, 0, 0, 0],
    );
    assert.deepEqual([row.consecutiveErrors, row.errorRate, row.lastError], [0, '0%', null]);
    assert.deepEqual([row.lastErrorType, row.isRunning, row.state], [null, true, 'running']);
    assert.match(row.scriptHash, /^[0-9a-f]{8}$/);
    assert.ok(row.started > 0 && row.uptime >= 0 && row.lastRun > 0 && row.lastRunAgo >= 0);
    const other = stats.workers.find((item) => item.sid === idle);
    assert.deepEqual(
      [other.executions, other.isRunning, other.lastRun, other.lastRunAgo, other.errorRate],
      [0, false, null, null, '0%'],
    );
  });

  test('the list form is an array with numbers', async () => {
    const answer = await amid.call('getWorkerStats', { format: 'list' });
    assert.equal(answer.status, 200, answer.text);
    assert.ok(Array.isArray(answer.body));
    for (const row of answer.body) assert.equal(typeof row.errorRate, 'number');
    assert.ok('lastExecution' in answer.body[0]);
  });

  test('tells errors, their kind and their rate', async () => {
    const sid = await amid.runWorker(`
      globalThis.n = (globalThis.n || 0) + 1;
      if (globalThis.n > 3) { logger.info('after three'); await Stels.sleep(1e8); }
      if (globalThis.n === 3) { const e = new Error('slow down'); e.name = 'RateLimitExceeded'; throw e; }
    `);
    await amid.waitState(sid, 'backoff');
    const row = await amid.stats(sid);
    assert.deepEqual(
      [row.executions, row.errors, row.networkErrors, row.criticalErrors],
      [3, 1, 1, 0],
    );
    assert.deepEqual(
      [row.errorRate, row.lastError, row.lastErrorType, row.consecutiveErrors, row.isRunning],
      ['33.33%', 'RateLimitExceeded: slow down (line 4)', 'network', 1, true],
    );
  });

  test('refuses an unknown format', async () => {
    const answer = await amid.call('getWorkerStats', { format: 'xml' });
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.body.error, /format/);
  });
});

describe('getLeaderInfo', () => {
  test('this node leads an active leader worker, and the script reads the same', async () => {
    const sid = await amid.runWorker(
      `const info = await Stels.net.get(['leader', 'info', Stels.config.sid]);
       logger.info('leader-is-' + info.value.raw.nid + '-' + Stels.config.sid);
       await Stels.sleep(1e8);`,
      { executionMode: 'leader' },
    );
    await amid.waitLog(new RegExp(`leader-is-s-0001-${sid}`));
    const answer = await amid.call('getLeaderInfo', { workerId: sid });
    assert.equal(answer.status, 200, answer.text);
    const { body } = answer;
    assert.deepEqual(Object.keys(body), [
      'workerId',
      'hasLeader',
      'leader',
      'timestamp',
      'expiresAt',
      'renewedAt',
      'expiresIn',
      'isExpired',
    ]);
    assert.deepEqual(
      [body.workerId, body.hasLeader, body.leader, body.isExpired],
      [sid, true, 's-0001', false],
    );
    assert.equal(body.expiresAt - body.renewedAt, 60_000);
    assert.ok(body.expiresIn > 0 && body.expiresIn <= 60_000);
  });

  test('without a leader it says so', async () => {
    const parallel = (await amid.makeWorker(IDLE)).value.raw.sid;
    const waiting = (await amid.makeWorker(IDLE, { executionMode: 'leader' })).value.raw.sid;
    for (const workerId of [parallel, waiting, NOBODY]) {
      const answer = await amid.call('getLeaderInfo', { workerId });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body.workerId, workerId);
      assert.equal(answer.body.hasLeader, false);
      assert.equal(typeof answer.body.message, 'string');
    }
  });

  test('refuses what is not a UUID', async () => {
    for (const body of [{ workerId: 'x' }, { workerId: 5 }, {}, undefined]) {
      const answer = await amid.call('getLeaderInfo', body);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.body.error, 'Invalid workerId');
    }
  });
});

describe('restartWorker', () => {
  test('replaces the process of a running worker', async () => {
    const sid = await amid.runWorker(IDLE);
    const first = await amid.waitState(sid, 'running');
    const from = amid.mark();
    const answer = await amid.call('restartWorker', { sid });
    assert.equal(answer.status, 200, answer.text);
    const second = await amid.waitState(sid, 'running', { from });
    assert.ok(second.pid > 0 && second.pid !== first.pid);
    assert.ok(second.instance > first.instance);
  });

  test('clears a backoff, and makes an inactive worker active', async () => {
    const sid = await amid.runWorker(`throw new Error('again');`);
    await amid.waitState(sid, 'backoff');
    const from = amid.mark();
    assert.equal((await amid.call('restartWorker', { sid })).status, 200);
    await amid.waitState(sid, 'running', { from });
    const idle = await amid.makeWorker(IDLE);
    const answer = await amid.call('restartWorker', { sid: idle.value.raw.sid });
    assert.equal(answer.status, 200, answer.text);
    await amid.waitState(idle.value.raw.sid, 'running');
    const got = await amid.call('getWorker', { sid: idle.value.raw.sid });
    assert.equal(got.body.value.raw.active, true);
    assert.equal(got.body.value.generation, idle.value.generation + 1);
  });

  test('unknown: 404, no sid: 400', async () => {
    assert.equal((await amid.call('restartWorker', { sid: NOBODY })).status, 404);
    assert.equal((await amid.call('restartWorker', {})).status, 400);
    assert.equal((await amid.call('restartWorker', { sid: 7 })).status, 400);
  });
});

describe('operator routes', () => {
  test('list, view, stop, start, restart and delete a worker', async () => {
    const sid = await amid.runWorker(IDLE, { note: 'by curl' });
    await amid.waitState(sid, 'running');
    const list = await amid.api('GET', '/api/workers');
    assert.equal(list.status, 200, list.text);
    const listed = list.body.find((entry) => entry.key[2] === sid);
    assert.equal(listed.value.raw.note, 'by curl');
    assert.equal(listed.state, 'running');
    const view = await amid.view(sid);
    assert.equal(view.state, 'running');
    assert.deepEqual(view.value, listed.value);

    let from = amid.mark();
    const stopped = await amid.api('POST', `/api/workers/${sid}/stop`);
    assert.equal(stopped.status, 200, stopped.text);
    assert.equal(stopped.body.value.raw.active, false);
    assert.equal(typeof stopped.body.state, 'string');
    await amid.waitState(sid, 'inactive', { from });

    from = amid.mark();
    const started = await amid.api('POST', `/api/workers/${sid}/start`);
    assert.equal(started.status, 200, started.text);
    assert.equal(started.body.value.raw.active, true);
    await amid.waitState(sid, 'running', { from });

    from = amid.mark();
    const restarted = await amid.api('POST', `/api/workers/${sid}/restart`);
    assert.equal(restarted.status, 200, restarted.text);
    await amid.waitState(sid, 'running', { from });

    const deleted = await amid.api('DELETE', `/api/workers/${sid}`);
    assert.equal(deleted.status, 200, deleted.text);
    assert.equal((await amid.api('GET', `/api/workers/${sid}`)).status, 404);
  });

  test('unknown workers, actions and paths', async () => {
    assert.equal((await amid.api('GET', `/api/workers/${NOBODY}`)).status, 404);
    assert.equal((await amid.api('GET', '/api/workers/nonsense')).status, 404);
    assert.equal((await amid.api('POST', `/api/workers/${NOBODY}/restart`)).status, 404);
    assert.equal((await amid.api('DELETE', `/api/workers/${NOBODY}`)).status, 404);
    const sid = (await amid.makeWorker(IDLE)).value.raw.sid;
    assert.equal((await amid.api('POST', `/api/workers/${sid}/explode`)).status, 404);
    assert.equal((await amid.api('GET', '/nowhere')).status, 404);
  });

  test('health needs no session', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await amid.request({ path });
      assert.equal(answer.status, 200, answer.text);
    }
  });
});
