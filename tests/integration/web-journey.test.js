// The whole way of somebody with the existing web client: signs in with a wallet, lists, creates,
// starts, watches logs, leader and statistics, stops all, reloads the page with the stored session,
// and sees the node restart in between.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';

import { Amid, makeStateFolder } from './harness.js';
import { WebClient } from './web-client.js';
import { Wallet } from './web-wallet.js';

const SCRIPT = `let n = 0;
while (!shouldStop()) {
  logger.info('beat ' + ++n);
  await Stels.sleep(20);
}`;

test('sign in, work, reload, restart, go on', async () => {
  const wallet = new Wallet('7'.padStart(64, '0'));
  const state = makeStateFolder();
  const env = { AMID_AUTH_OWNERS: wallet.address };
  let amid = await Amid.start({ env, state });
  const client = new WebClient(wallet, `http://127.0.0.1:${amid.port}`);
  const { info } = await client.signIn();
  assert.equal(info.developer, true);
  const socket = await client.openSocket();
  socket.subscribe();
  await socket.until(() => socket.values.length > 0);

  const listed = await client.call('listWorkers');
  assert.deepEqual(listed.body, []);
  const created = await client.call('setWorker', {
    scriptContent: SCRIPT,
    dependencies: ['gliesereum'],
    version: '1.19.2',
    scope: 'local',
    executionMode: 'leader',
    priority: 'normal',
    mode: 'loop',
    note: 'journey',
  });
  assert.equal(created.status, 200, created.text);
  const entry = created.body;
  assert.deepEqual(entry.key, ['ami', 'worker', entry.value.raw.sid]);
  const { sid } = entry.value.raw;

  // Start, as the editor does: the whole record with active turned over.
  const started = await client.call('updateWorker', {
    channel: entry.value.channel,
    raw: { ...entry.value.raw, active: true, timestamp: Date.now() },
  });
  assert.equal(started.status, 200, started.text);
  assert.equal(started.body.value.raw.active, true);
  await amid.waitState(sid, 'running');

  const logs = await client.openLogs(sid, true);
  await logs.until(() => /\[INFO\] beat 3\n/.test(logs.text()));
  assert.deepEqual(logs.events[0], { type: 'connected', sid });
  const paused = await client.openLogs(sid, false);
  await paused.ended;
  assert.deepEqual(paused.events.at(-1), { type: 'complete' });

  const leader = (await client.call('getLeaderInfo', { workerId: sid })).body;
  assert.deepEqual([leader.hasLeader, leader.workerId], [true, sid]);
  const stats = (await client.call('getWorkerStats')).body;
  assert.deepEqual(
    stats.workers.map((row) => [row.sid, row.isRunning]),
    [[sid, true]],
  );

  // A reload: nothing but what was stored, and the socket as the only check.
  socket.socket.destroy();
  const reloaded = new WebClient(wallet, client.api);
  Object.assign(reloaded, { session: client.session, socketAddress: client.socketAddress });
  const second = await reloaded.openSocket();
  second.subscribe();
  await second.until(() => second.values.at(-1)?.raw.network.activeWorkers === 1);

  await amid.stop({ keepState: true });
  await Promise.all([second.ended, logs.ended]);
  assert.deepEqual([second.code, second.outcome], [1012, 'reconnects']);
  const { port } = amid;
  amid = await Amid.start({ env: { ...env, AMID_HTTP_LISTEN: `127.0.0.1:${port}` }, state });
  const third = await reloaded.openSocket();
  third.subscribe();
  await third.until(() => third.values.length > 0);
  await amid.waitState(sid, 'running');
  const again = await reloaded.call('listWorkers');
  assert.deepEqual(
    again.body.map((each) => [each.value.raw.sid, each.value.raw.active]),
    [[sid, true]],
  );

  const stopped = await reloaded.call('stopAllWorkers');
  assert.ok([200, 207].includes(stopped.status), stopped.text);
  assert.deepEqual([stopped.body.stopped, stopped.body.failed, stopped.body.total], [1, 0, 1]);
  const last = await reloaded.call('listWorkers');
  assert.equal(last.body[0].value.raw.active, false);
  third.socket.destroy();
  await amid.stop();
  rmSync(state, { recursive: true, force: true });
});
