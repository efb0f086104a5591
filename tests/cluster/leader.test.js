// Who leads: election, hand-over, takeover, deadlines and fences, with a real etcd and real nodes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { pause, request } from '../integration/harness.js';
import { Etcd, base64, freePort } from './etcd.js';
import { IDLE, Nodes, eventually } from './nodes.js';

const LEADER = { executionMode: 'leader' };

let etcd;
let nodes;
let networks = 0;

before(async () => {
  etcd = await Etcd.start();
});

after(async () => {
  await etcd?.stop();
});

afterEach(async () => {
  await nodes?.stopAll();
  nodes = undefined;
});

/** Where nobody is killed the lease is long: a machine under load must not lose it. */
const CALM = { AMID_LEADER_TTL_S: '60' };

async function start(count, settings) {
  nodes = new Nodes(etcd, `net-${++networks}`);
  for (let i = 1; i <= count; i++) await nodes.start(`s-000${i}`, settings);
  return nodes.all;
}

const part = (text) => Buffer.concat([Buffer.from([2]), Buffer.from(text), Buffer.from([0])]);
const keyOf = (...parts) =>
  Buffer.concat([Buffer.from(`amid/net-${networks}/`), ...parts.map(part)]);

async function seatOf(sid) {
  const { kvs } = await etcd.call('/v3/kv/range', {
    key: base64(keyOf('ami', 'leader', sid)),
  });
  return kvs?.[0];
}

test('exactly one node leads, all say who, the others wait; it is sticky', async () => {
  const [one] = await start(3, CALM);
  const sid = await one.runWorker(`logger.info('token', Stels.leader.token); ${IDLE}`, LEADER);
  const leader = await nodes.runsOn(sid, nodes.all);
  for (const other of nodes.others(leader)) {
    await eventually(async () => {
      const row = await other.stats(sid);
      assert.equal(row.stopReason, `node ${leader.nid} leads`);
      assert.equal(row.state, 'waiting');
    });
  }
  await eventually(async () => {
    const infos = await nodes.leadersOf(sid);
    for (const info of infos) {
      assert.equal(info.leader, leader.nid);
      assert.equal(info.hasLeader, true);
      assert.equal(info.isExpired, false);
      assert.equal(info.expiresAt - info.renewedAt, 60_000);
    }
    assert.equal(new Set(infos.map((info) => info.timestamp)).size, 1);
  });
  const line = await leader.waitLog(/token [0-9a-f]{20}/);
  const token = /token ([0-9a-f]{20})/.exec(line)[1];
  const seat = await seatOf(sid);
  assert.ok(token.endsWith(Number(seat.mod_revision).toString(16).padStart(16, '0')));
  assert.equal(JSON.parse(Buffer.from(seat.value, 'base64')).nid, leader.nid);
  // Whoever comes later takes nothing.
  const late = await nodes.start('s-0009', CALM);
  assert.equal(
    await late.evaluate(`return (await Stels.net.get(['leader', 'info', '${sid}'])).value.raw.nid`),
    leader.nid,
  );
  await eventually(async () =>
    assert.equal((await late.stats(sid)).stopReason, `node ${leader.nid} leads`),
  );
  assert.equal((await seatOf(sid)).mod_revision, seat.mod_revision);
});

test('a clean end hands over at once: SIGTERM, and a script that was given up', async () => {
  const [one] = await start(3, CALM);
  const sid = await one.runWorker(IDLE, LEADER);
  const first = await nodes.runsOn(sid, nodes.all);
  const [before] = await nodes.leadersOf(sid);
  const marks = nodes.marks(nodes.others(first));
  nodes.drop(first);
  await first.stop();
  const second = await nodes.runsOn(sid, nodes.all, marks);
  await eventually(async () => {
    const [info] = await nodes.leadersOf(sid);
    assert.equal(info.leader, second.nid);
    assert.ok(info.timestamp >= before.timestamp);
  });
  // Five critical errors in a row, as many as priority low allows: only here.
  const bad = await second.runWorker(
    `if (Stels.config.nid === (await Stels.net.get(['bad'])).value?.raw) throw new Error('bad'); ${IDLE}`,
    { ...LEADER, priority: 'low' },
  );
  const loser = await nodes.runsOn(bad, nodes.all);
  await loser.evaluate(`await Stels.net.set(['bad'], '${loser.nid}')`);
  const [winner] = nodes.others(loser);
  const from = winner.mark();
  await loser.freeze();
  await loser.call('restartWorker', { sid: bad });
  const mark = loser.mark();
  await loser.waitState(bad, ['backoff', 'running'], { from: mark });
  for (;;) {
    const { state } = await loser.stats(bad);
    if (state === 'failed' || (await winner.stats(bad)).state === 'running') break;
    await loser.advance(1000);
  }
  await winner.waitState(bad, 'running', { from });
  await eventually(async () => {
    const row = await loser.stats(bad);
    assert.equal(row.state, 'failed');
  });
  assert.equal((await nodes.leadersOf(bad))[0].leader, winner.nid);
});

test('stopped by its owner it leads nowhere, and says who led last', async () => {
  const [one, two] = await start(2, CALM);
  const sid = await one.runWorker(IDLE, LEADER);
  const leader = await nodes.runsOn(sid, nodes.all);
  await two.updateWorker(sid, { active: false });
  await eventually(async () => {
    assert.equal(await seatOf(sid), undefined);
    for (const info of await nodes.leadersOf(sid)) {
      assert.equal(info.hasLeader, false);
      assert.equal(info.isExpired, true);
      assert.equal(info.leader, leader.nid);
      assert.equal(info.expiresIn, 0);
    }
  });
  await two.call('deleteWorker', { sid });
  await eventually(async () => {
    const { kvs } = await etcd.call('/v3/kv/range', {
      key: base64(keyOf('leader', 'info', sid)),
    });
    assert.equal(kvs, undefined);
  });
});

test('kill -9 of the leading amid: another leads when the lease has ended', async () => {
  const [one] = await start(2);
  const sid = await one.runWorker(IDLE, LEADER);
  const leader = await nodes.runsOn(sid, nodes.all);
  const [other] = nodes.others(leader);
  const token = (await seatOf(sid)).mod_revision;
  const from = other.mark();
  nodes.drop(leader);
  await leader.kill();
  await other.waitState(sid, 'running', { from });
  assert.ok(Number((await seatOf(sid)).mod_revision) > Number(token));
  const answer = await other.api('GET', '/api/nodes');
  assert.equal(answer.status, 200);
  const gone = answer.body.find((node) => node.nid === leader.nid);
  assert.equal(gone.state, 'down');
  assert.ok(gone.downSince > 0);
  assert.deepEqual(
    answer.body.filter((node) => node.state === 'up').map((node) => [node.nid, node.self]),
    [[other.nid, true]],
  );
});

test('a restart of the same node takes its own seats back at once', async () => {
  const [one] = await start(1, { AMID_LEADER_TTL_S: '600' });
  const sid = await one.runWorker(IDLE, LEADER);
  await one.waitState(sid, 'running');
  const first = await seatOf(sid);
  nodes.drop(one);
  await one.crash();
  assert.equal((await seatOf(sid)).mod_revision, first.mod_revision); // the lease lives on
  const again = await nodes.start(one.nid, { AMID_LEADER_TTL_S: '600' }, { state: one.state });
  again.ownsState = true;
  await again.waitLog(/Ending the lease that an earlier amid/);
  await again.waitState(sid, 'running');
  assert.notEqual((await seatOf(sid)).mod_revision, first.mod_revision);
});

test('a second amid of the same id is refused while the first lives', async () => {
  const [one] = await start(1);
  await assert.rejects(nodes.start(one.nid), (error) => {
    assert.match(error.message, /code 69/);
    assert.match(error.message, /Another amid is registered as node s-0001/);
    return true;
  });
  assert.equal(one.exit, undefined);
});

test('a revoked lease ends the process, which is no failure, and what it writes is refused', async () => {
  const [one] = await start(1, { AMID_LEADER_TTL_S: '600' });
  const sid = await one.runWorker(
    `let i = 0;
     for (;;) {
       try { await Stels.net.set(['log', i++], Stels.leader.token); }
       catch (error) { logger.info('refused ' + error.name); throw error; }
       await Stels.sleep(10);
     }`,
    LEADER,
  );
  await one.waitState(sid, 'running');
  const seat = await seatOf(sid);
  await eventually(async () => {
    const found = await etcd.call('/v3/kv/range', { key: base64(keyOf('log')) });
    assert.ok(found !== undefined);
  });
  const from = one.mark();
  await etcd.call('/v3/lease/revoke', { ID: seat.lease });
  await one.waitState(sid, 'stopping', { from });
  await one.waitFor((event) => event.event === 'exit' && event.sid === sid, { from });
  const { lastExit, criticalErrors, errors } = await one.stats(sid);
  assert.equal(lastExit.limit, 'lease');
  assert.match(lastExit.sentence, /could not renew its lease in time, so another node may lead/);
  assert.deepEqual([criticalErrors, errors], [0, 0]);
  await one.waitState(sid, 'running', { from }); // elected anew
  const next = await seatOf(sid);
  assert.ok(Number(next.mod_revision) > Number(seat.mod_revision));
});

/** How often the log of the worker was written, and by which tokens, as etcd has it. */
async function written(...prefix) {
  const start = keyOf(...prefix);
  const end = Buffer.from(start);
  end[end.length - 1]++;
  const { kvs } = await etcd.call('/v3/kv/range', { key: base64(start), range_end: base64(end) });
  return (kvs ?? []).map((kv) => ({
    revision: Number(kv.mod_revision),
    raw: JSON.parse(Buffer.from(kv.value, 'base64')).raw,
  }));
}

const WRITER = `
  for (let i = 0; ; i++) {
    try { await Stels.net.set(['log', Stels.leader.token, i], Stels.leader.token); }
    catch (error) { logger.info('refused ' + error.name); throw error; }
    await Stels.sleep(20);
  }`;

test('a paused amid lets nothing be written after its time, though its runner ran on', async () => {
  const [one] = await start(2);
  const sid = await one.runWorker(WRITER, LEADER);
  const first = await nodes.runsOn(sid, nodes.all);
  const [second] = nodes.others(first);
  await eventually(async () => assert.ok((await written('log')).length > 2));
  const from = second.mark();
  const resumed = first.mark();
  await pause(first.pid);
  await second.waitState(sid, 'running', { from });
  const seat = await seatOf(sid);
  process.kill(first.pid, 'SIGCONT');
  await first.waitFor((event) => event.event === 'exit' && event.sid === sid, { from: resumed });
  assert.equal((await first.stats(sid)).lastExit.limit, 'lease');
  assert.equal((await first.stats(sid)).criticalErrors, 0);
  // Its process, which ran on for all that time, had no write accepted after the new term began.
  assert.equal(JSON.parse(Buffer.from(seat.value, 'base64')).nid, second.nid);
  const own = Number(seat.mod_revision).toString(16).padStart(16, '0');
  await eventually(async () =>
    assert.ok((await written('log')).some((row) => row.raw.endsWith(own))),
  );
  for (const row of await written('log')) {
    assert.equal(row.revision > Number(seat.mod_revision), row.raw.endsWith(own));
  }
});

test('a process of a node that lost the seat and won it again acts under neither term', async () => {
  // Nobody loses a lease here, and the stop of a process that stands still is not hurried.
  const settings = { AMID_LEADER_TTL_S: '600', AMID_RUNNER_STOP_GRACE_MS: '60000' };
  const [first] = await start(1, settings);
  const sid = await first.runWorker(
    `logger.info('token ' + Stels.leader.token);
     const tries = {
       net: () => Stels.net.set(['late', Stels.config.nid, 1], 1),
       sum: () => Stels.net.atomic().sum(['late', Stels.config.nid, 2], 1).commit(),
       local: () => Stels.local.set(['late'], 1),
       fetch: () => fetch('http://127.0.0.1:1/'),
       files: () => Deno.writeTextFile('/late', 'x'),
       wallet: () => Stels.wallet.sign('x'),
     };
     try { await Stels.sleep(1e8); }
     finally {
       for (const name in tries) {
         try { await tries[name](); logger.info(name + ' went well'); }
         catch (error) { logger.info(name + ' refused: ' + error.name); }
       }
     }`,
    LEADER,
  );
  const { pid } = await first.waitState(sid, 'running');
  await first.waitLog(/token [0-9a-f]{20}/);
  const second = await nodes.start('s-0002', settings);
  const own = await seatOf(sid);
  const from = first.mark();
  await pause(pid);
  await pause(first.pid);
  await etcd.call('/v3/kv/deleterange', { key: base64(keyOf('ami', 'leader', sid)) });
  await second.waitState(sid, 'running');
  process.kill(first.pid, 'SIGCONT');
  await first.waitState(sid, 'stopping', { from });
  nodes.drop(second);
  await second.stop();
  const again = await eventually(async () => {
    const seat = await seatOf(sid);
    assert.equal(JSON.parse(Buffer.from(seat.value, 'base64')).nid, first.nid);
    return seat;
  });
  assert.ok(Number(again.mod_revision) > Number(own.mod_revision));
  assert.equal((await first.stats(sid)).state, 'stopping'); // the one of the first term
  const mark = first.logMark();
  process.kill(pid, 'SIGCONT');
  for (const name of ['net', 'sum', 'local', 'fetch', 'files', 'wallet']) {
    await first.waitLog(new RegExp(`${name} refused: LeaseLost`), { from: mark });
  }
  // Only then the second term has a process, of the same seat.
  await first.waitState(sid, 'running', { from });
  const line = await first.waitLog(/token [0-9a-f]{20}/, { from: mark });
  assert.ok(line.includes(Number(again.mod_revision).toString(16).padStart(16, '0')));
  assert.equal((await seatOf(sid)).mod_revision, again.mod_revision);
  assert.deepEqual(await written('late', first.nid), []);
  assert.equal((await first.stats(sid)).criticalErrors, 0);
});

test('etcd away: the leader stops at its deadline, what is parallel, exclusive or local goes on', async () => {
  const [one] = await start(1, {
    // Time enough from the stop to the kill for a script on a machine under load.
    AMID_LEADER_TTL_S: '10',
    AMID_LEADER_RENEW_S: '2',
    AMID_LEADER_MARGIN_S: '6',
  });
  const sid = await one.runWorker(WRITER, LEADER);
  const parallel = await one.runWorker(IDLE);
  const exclusive = await one.runWorker(IDLE, {
    executionMode: 'exclusive',
    assignedNode: one.nid,
  });
  const local = await one.runWorker(IDLE, { ...LEADER, scope: 'local' });
  // What a script does because it is stopped comes after the deadline, too.
  const late = await one.runWorker(
    `const tries = {
       net: () => Stels.net.set(['late'], 1),
       local: () => Stels.local.set(['late'], 1),
       fetch: () => fetch('http://127.0.0.1:1/'),
       socket: async () => { const s = new WebSocket('ws://127.0.0.1:1/'); await new Promise((r, j) => { s.onopen = r; s.onerror = (e) => j(e.error ?? e); }); },
       files: () => Deno.writeTextFile('/late', 'x'),
       wallet: () => Stels.wallet.sign('x'),
       reading: () => Stels.local.get(['late']),
     };
     try { await Stels.sleep(1e8); }
     finally {
       for (const name in tries) {
         try { await tries[name](); logger.info(name + ' went well'); }
         catch (error) { logger.info(name + ' refused: ' + error.name); }
       }
     }`,
    LEADER,
  );
  // It cannot hear that it is to stop, and must not be there when another could lead.
  const stopped = await one.runWorker(IDLE, LEADER);
  const { pid } = await one.waitState(stopped, 'running');
  await pause(pid);
  await one.waitState(late, 'running');
  for (const each of [sid, parallel, exclusive, local]) await one.waitState(each, 'running');
  const from = one.mark();
  await etcd.pause(0);
  try {
    await one.waitState(sid, 'stopping', { from });
    await one.waitFor((event) => event.event === 'exit' && event.sid === sid, { from });
    assert.equal((await one.stats(sid)).lastExit.limit, 'lease');
    for (const name of ['net', 'local', 'fetch', 'files', 'wallet']) {
      await one.waitLog(new RegExp(`${name} refused: LeaseLost`));
    }
    await one.waitLog(/socket refused/);
    await one.waitLog(/reading went well/);
    const exit = await one.waitFor((event) => event.event === 'exit' && event.sid === stopped);
    assert.deepEqual([exit.signal, exit.kill], [9, 'lease']);
    for (const each of [parallel, exclusive, local]) {
      assert.equal((await one.stats(each)).state, 'running');
    }
    await one.waitLog(/lease is lost/);
    for (const each of [parallel, exclusive, local]) {
      assert.equal((await one.stats(each)).state, 'running');
    }
  } finally {
    etcd.resume(0);
  }
  await one.waitState(sid, 'running', { from });
  assert.equal((await one.stats(sid)).criticalErrors, 0);
});

test('of one place: moved from node to node, from all to one, and to a node that is not there', async () => {
  const [one, two, three] = await start(3, CALM);
  // Writes down who runs, and that it takes its time to end.
  const script = `
    const me = Stels.config.nid;
    await Stels.net.set(['runs', me], true);
    try { await Stels.sleep(1e8); }
    finally { for (let i = 0; i < 20; i++) await Stels.net.get(['runs', me]); await Stels.net.delete(['runs', me]); }`;
  const sid = await one.runWorker(script);
  for (const node of nodes.all) await node.waitState(sid, 'running');
  await eventually(async () => assert.equal((await written('runs')).length, 3));
  let marks = nodes.marks();
  await one.updateWorker(sid, { executionMode: 'exclusive', assignedNode: two.nid });
  await two.waitState(sid, 'running', { from: marks.get(two) });
  for (const node of [one, three]) await node.waitState(sid, 'waiting', { from: marks.get(node) });
  await eventually(async () => assert.equal((await written('runs')).length, 1));
  marks = nodes.marks();
  await one.updateWorker(sid, { assignedNode: three.nid });
  await three.waitState(sid, 'running', { from: marks.get(three) });
  assert.notEqual((await two.stats(sid)).state, 'running');
  marks = nodes.marks();
  await one.updateWorker(sid, { executionMode: 'leader', assignedNode: null });
  const leader = await nodes.runsOn(sid, nodes.all, marks);
  if (leader !== three) assert.notEqual((await three.stats(sid)).state, 'running');
  marks = nodes.marks();
  await one.updateWorker(sid, { executionMode: 'parallel' }); // the process of the leader ends, too
  for (const node of nodes.all) await node.waitState(sid, 'running', { from: marks.get(node) });
  await eventually(async () => assert.equal(await seatOf(sid), undefined));
  await one.updateWorker(sid, { executionMode: 'exclusive', assignedNode: 's-0077' });
  await eventually(async () => {
    const row = await one.stats(sid);
    assert.equal(row.state, 'waiting');
    assert.equal(row.stopReason, 'assigned to node s-0077, which nobody here has seen');
  });
  await one.updateWorker(sid, { assignedNode: three.nid });
  await three.waitState(sid, 'running', { from: three.mark() });
  nodes.drop(three);
  await three.stop();
  await eventually(async () =>
    assert.match(
      (await one.stats(sid)).stopReason,
      /^assigned to node s-0003, which is down since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/,
    ),
  );
});

test('a single leader runs once in the whole network', async () => {
  const [one] = await start(3, CALM);
  const sid = await one.runWorker(`await Stels.net.atomic().sum(['times'], 1).commit();`, {
    ...LEADER,
    mode: 'single',
  });
  for (const node of nodes.all) {
    await eventually(async () => assert.equal((await node.stats(sid)).state, 'completed'));
  }
  await eventually(async () => assert.equal(await seatOf(sid), undefined));
  assert.deepEqual(
    (await written('times')).map((row) => row.raw),
    [1],
  );
});

test('a machine that slept past the deadline: what its leader asks for next is refused', async () => {
  const [one] = await start(1, { AMID_LEADER_TTL_S: '16' });
  const sid = await one.runWorker(WRITER, LEADER);
  await one.waitState(sid, 'running');
  await eventually(async () => assert.ok((await written('log')).length > 2));
  const from = one.mark();
  await one.tell({ suspend: 14_000 });
  await one.waitLog(/refused LeaseLost/);
  await one.waitFor((event) => event.event === 'exit' && event.sid === sid, { from });
  assert.equal((await one.stats(sid)).lastExit.limit, 'lease');
  await one.waitState(sid, 'running', { from });
  assert.equal((await one.stats(sid)).errors, 0);
});

test('a node whose id was taken while it was paused runs nothing of the network', async () => {
  const port = await freePort();
  const [one] = await start(1, { AMID_SERVE_PORTS: String(port) });
  const sid = await one.runWorker(IDLE);
  await one.runWorker(
    `Deno.serve({ port: ${port}, onListen() { logger.info('serving') } }, () => {
       logger.info('served late');
       return new Response('late');
     });`,
    LEADER,
  );
  await one.waitLog(/serving/);
  const local = await one.runWorker(IDLE, { scope: 'local' });
  for (const each of [sid, local]) await one.waitState(each, 'running');
  await pause(one.pid);
  const keys = { key: base64(keyOf('ami', 'node', one.nid)) };
  await eventually(async () =>
    assert.equal((await etcd.call('/v3/kv/range', keys)).kvs, undefined),
  );
  // Asked for while nobody heard, of a leader that is none any more.
  const asked = request(port, {}).then(
    ({ text }) => text,
    (error) => error.code,
  );
  const other = await nodes.start(one.nid);
  const from = one.mark();
  process.kill(one.pid, 'SIGCONT');
  await one.waitLog(/Another amid is registered as node s-0001/);
  await one.waitState(sid, 'waiting', { from });
  assert.notEqual(await asked, 'late');
  assert.ok(!one.log.items.some((line) => /served late/.test(line)));
  assert.match((await one.stats(sid)).stopReason, /another amid runs under this node's id/);
  assert.equal((await one.stats(local)).state, 'running');
  await other.waitState(sid, 'running');
  nodes.drop(other);
  await other.stop();
  await one.waitState(sid, 'running', { from }); // the name is free again
});

test('etcd put back from a snapshot: the leader ends and is elected anew, by a token that is larger', async () => {
  const own = await Etcd.start();
  const etcdctl = (...args) =>
    execFileSync('etcdctl', args, { env: { ...process.env, ETCDCTL_API: '3' }, stdio: 'ignore' });
  try {
    nodes = new Nodes(own, `net-${++networks}`);
    const one = await nodes.start('s-0001', { AMID_LEADER_TTL_S: '600' });
    const sid = await one.runWorker(
      `logger.info('token ' + Stels.leader.token); await Stels.net.set(['a'], 1); ${IDLE}`,
      LEADER,
    );
    const first = /token ([0-9a-f]{20})/.exec(await one.waitLog(/token [0-9a-f]{20}/))[1];
    const snapshot = path.join(own.folder, 'snapshot');
    etcdctl('--endpoints', own.urls[0], 'snapshot', 'save', snapshot);
    await one.evaluate(`for (let i = 0; i < 10; i++) await Stels.net.set(['a'], i);`);
    const from = one.mark();
    const log = one.logMark();
    await own.kill(0);
    const [{ name, peer }] = own.members;
    const data = path.join(own.folder, name);
    rmSync(data, { recursive: true });
    const url = `http://127.0.0.1:${peer}`;
    const cluster = ['--initial-cluster', `${name}=${url}`, '--initial-advertise-peer-urls', url];
    etcdctl('snapshot', 'restore', snapshot, '--name', name, '--data-dir', data, ...cluster);
    own.restart(0);
    await one.waitLog(/the epoch of the network is raised to 2/, { from: log });
    await one.waitState(sid, 'running', { from });
    const line = await one.waitLog(/token 0002[0-9a-f]{16}/, { from: log });
    assert.ok(/token ([0-9a-f]{20})/.exec(line)[1] > first);
    assert.equal((await one.stats(sid)).criticalErrors, 0);
  } finally {
    await nodes.stopAll();
    nodes = undefined;
    await own.stop();
  }
});
