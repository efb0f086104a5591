// What is changed on one node happens on all; where each execution mode runs; what a node does that
// is cut off from etcd, and that it catches up afterwards without a restart.
import './inside.js';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Cluster } from './cluster.js';

const TTL_S = 5;
let cluster;
let nodes;

before(async () => {
  // As generous as a careless operator may be.
  const env = { AMID_FETCH_ALLOW: '*', AMID_FETCH_ALLOW_PRIVATE: '*' };
  cluster = await Cluster.start({ ttl: TTL_S, env });
  nodes = cluster.nodes.map(({ amid }) => amid);
});
after(() => cluster?.close());

const onAll = (what, of = nodes) => Promise.all(of.map(what));
const everywhere = (sid, states, marks = []) =>
  onAll((amid, i) => amid.waitState(sid, states, { from: marks[i] ?? 0 }));
const marks = () => nodes.map((amid) => amid.mark());
const logMarks = () => nodes.map((amid) => amid.logMark());

/** Asks again and again: of what no event tells. The guard only turns a hang into a failure. */
async function eventually(what, condition) {
  const giveUp = Date.now() + 60_000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    assert.ok(Date.now() < giveUp, `never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const get = (amid, sid) => amid.api('GET', `/api/workers/${sid}`);
const stateOn = async (amid, sid) => (await get(amid, sid)).body.state;
const runningOn = async (sid) => {
  const states = await onAll((amid) => stateOn(amid, sid));
  return states.map((state) => state === 'running');
};
const TICKER = `
const mark = 'tick ' + Stels.config.sid;
while (!Stels.shouldStop()) { logger.info(mark); await Stels.sleep(100); }`;

describe('a script', () => {
  test('does not reach etcd unless its port is allowed by name', async () => {
    const [place] = cluster.memberPlaces;
    const script = `try { await fetch('${cluster.etcd.urls[0]}/version'); logger.info('etcd answered'); }
catch (error) { logger.info('etcd refused: ' + error.name + ' ' + error.message); }`;
    await nodes[0].runWorker(script, { scope: 'local' });
    const line = await nodes[0].waitLog(/etcd (answered|refused: .*)/);
    assert.match(line, new RegExp(`refused: PermissionDenied .*${place.address}`));
  });
});

describe('a parallel worker', () => {
  let sid;

  test('runs on every node, and the others know it at once', async () => {
    sid = await nodes[0].runWorker(TICKER);
    await everywhere(sid, 'running');
    const rows = await onAll((amid) => get(amid, sid));
    const stamps = new Set(rows.map(({ body }) => body.versionstamp));
    assert.equal(stamps.size, 1);
  });

  test('is changed everywhere', async () => {
    const from = marks();
    const logFrom = logMarks();
    const script = `logger.info('second text of ' + Stels.config.sid); await Stels.sleep(60000);`;
    await nodes[1].updateWorker(sid, { script });
    await everywhere(sid, 'running', from);
    await onAll((amid, i) =>
      amid.waitLog(new RegExp(`second text of ${sid}`), { from: logFrom[i] }),
    );
  });

  test('is restarted everywhere', async () => {
    const from = marks();
    const before = await onAll(async (amid) => (await amid.stats(sid)).instance);
    await nodes[2].call('restartWorker', { sid });
    await everywhere(sid, 'stopping', from);
    await everywhere(sid, 'running', from);
    const instances = await onAll(async (amid) => (await amid.stats(sid)).instance);
    instances.forEach((instance, i) => assert.notEqual(instance, before[i]));
  });

  test('is stopped and started everywhere', async () => {
    let from = marks();
    await nodes[1].api('POST', `/api/workers/${sid}/stop`);
    await everywhere(sid, 'inactive', from);
    from = marks();
    await nodes[2].api('POST', `/api/workers/${sid}/start`);
    await everywhere(sid, 'running', from);
  });

  test('stopAllWorkers of one node is one of all', async () => {
    const other = await nodes[0].runWorker(TICKER);
    await everywhere(other, 'running');
    const from = marks();
    const answer = await nodes[2].call('stopAllWorkers');
    assert.equal(answer.status, 200, answer.text);
    await everywhere(sid, 'inactive', from);
    await everywhere(other, 'inactive', from);
  });

  test('is deleted everywhere', async () => {
    await nodes[1].updateWorker(sid, { active: true });
    await onAll((amid) =>
      eventually('running', async () => (await stateOn(amid, sid)) === 'running'),
    );
    const answer = await nodes[0].call('deleteWorker', { sid });
    assert.equal(answer.status, 200, answer.text);
    await onAll((amid) =>
      eventually('unknown everywhere', async () => (await get(amid, sid)).status === 404),
    );
  });
});

describe('where a worker runs', () => {
  test('exclusive, leader, parallel and local, one after the other', async () => {
    const sid = await nodes[0].runWorker(TICKER, {
      executionMode: 'exclusive',
      assignedNode: 's-0002',
    });
    await nodes[1].waitState(sid, 'running');
    await eventually('only there', async () => String(await runningOn(sid)) === 'false,true,false');

    const from = marks();
    await nodes[0].updateWorker(sid, { assignedNode: 's-0003' });
    await nodes[2].waitState(sid, 'running', { from: from[2] });
    await eventually('only on the other', async () => {
      return String(await runningOn(sid)) === 'false,false,true';
    });

    await nodes[1].updateWorker(sid, { executionMode: 'leader' });
    const info = await eventually('a leader that all know', async () => {
      const infos = await onAll((amid) => amid.call('getLeaderInfo', { workerId: sid }));
      const [{ body }] = infos;
      return infos.every((one) => one.body.hasLeader && one.body.leader === body.leader) && body;
    });
    await eventually('only on the leader', async () => {
      const running = await runningOn(sid);
      return running.every((is, i) => is === (cluster.nodes[i].nid === info.leader));
    });

    await nodes[0].updateWorker(sid, { executionMode: 'parallel' });
    await eventually('everywhere', async () => (await runningOn(sid)).every((is) => is));

    await nodes[0].updateWorker(sid, { scope: 'local' });
    await onAll(
      (amid) => eventually('not there', async () => (await get(amid, sid)).status === 404),
      nodes.slice(1),
    );
    await eventually('here', async () => (await stateOn(nodes[0], sid)) === 'running');
    await nodes[0].call('deleteWorker', { sid });
  });
});

describe('a node that is cut off from etcd', () => {
  test('goes on with what it may, and catches up', async () => {
    const cut = cluster.nodes[2];
    const { amid } = cut;
    const asks = `
      while (!Stels.shouldStop()) {
        try { await Stels.net.get(['any']); logger.info('net answers'); }
        catch (error) { logger.info('net fails: ' + error.name); }
        await Stels.sleep(100);
      }`;
    const parallel = await nodes[0].runWorker(asks);
    const changed = await nodes[0].runWorker(TICKER);
    const exclusive = await nodes[0].runWorker(TICKER, {
      executionMode: 'exclusive',
      assignedNode: cut.nid,
    });
    const local = await amid.runWorker(TICKER, { scope: 'local', executionMode: 'leader' });
    await everywhere(parallel, 'running');
    await everywhere(changed, 'running');
    await amid.waitState(exclusive, 'running');
    await amid.waitState(local, 'running');
    // It takes part in the election alone, and then the others may stand, too.
    const leader = await amid.makeWorker(TICKER, {
      executionMode: 'exclusive',
      assignedNode: cut.nid,
      active: true,
    });
    const { sid } = leader.value.raw;
    await amid.waitState(sid, 'running');
    await amid.updateWorker(sid, { executionMode: 'leader' });
    let held = await eventually('a leader', async () => {
      const { body } = await amid.call('getLeaderInfo', { workerId: sid });
      return body.hasLeader && body;
    });
    for (let i = 0; held.leader !== cut.nid; i++) {
      // Sticky: whoever leads goes on, so move the seat by stopping its node.
      assert.ok(i < 20, 'the seat does not come to the node');
      const index = cluster.nodes.findIndex(({ nid }) => nid === held.leader);
      await cluster.stop(index);
      nodes[index] = await cluster.launch(index);
      held = await eventually('another leader', async () => {
        const { body } = await amid.call('getLeaderInfo', { workerId: sid });
        return body.hasLeader && body.leader !== cluster.nodes[index].nid && body;
      });
    }
    await amid.waitState(sid, 'running');
    const pids = {};
    for (const one of [parallel, exclusive, local]) pids[one] = (await amid.stats(one)).pid;

    const from = amid.mark();
    let logFrom = amid.logMark();
    cluster.network.cut(cut.place);
    await amid.waitLog(/net fails: NetworkError/, { from: logFrom });
    const read = await eventually('a stale answer', async () => {
      const answer = await get(amid, parallel);
      return answer.headers['amid-stale'] === 'net' && answer;
    });
    assert.equal(read.status, 200);
    const refused = await amid.call('updateWorker', {
      channel: `ami.worker.${parallel}`,
      raw: { note: 'refused' },
    });
    assert.equal(refused.status, 503, refused.text);
    assert.match(refused.body.error, /store/);
    // The leader stops there, and another node leads.
    await amid.waitState(sid, 'waiting', { from });
    await eventually('another node leads', async () => {
      const { body } = await nodes[0].call('getLeaderInfo', { workerId: sid });
      return body.hasLeader && body.leader !== cut.nid;
    });
    // What is changed meanwhile, the node learns afterwards.
    await nodes[0].updateWorker(parallel, { note: 'changed meanwhile' });
    await nodes[0].call('deleteWorker', { sid: changed });
    const added = await nodes[1].runWorker(TICKER);
    // What it may go on with has gone on, in the same processes.
    logFrom = amid.logMark();
    await amid.waitLog(new RegExp(`tick ${exclusive}`), { from: logFrom });
    await amid.waitLog(new RegExp(`tick ${local}`), { from: logFrom });

    cluster.network.uncut(cut.place);
    await amid.waitState(added, 'running');
    await eventually('the change', async () => {
      const { body } = await get(amid, parallel);
      return body.value.raw.note === 'changed meanwhile';
    });
    await eventually('the deletion', async () => (await get(amid, changed)).status === 404);
    await amid.waitLog(/net answers/, { from: amid.logMark() });
    await eventually('nothing stale', async () => {
      return (await get(amid, parallel)).headers['amid-stale'] === undefined;
    });
    for (const one of [parallel, exclusive, local])
      assert.equal((await amid.stats(one)).pid, pids[one], 'its process was replaced');
  });
});

test('every node ends as it should', async () => {
  for (const node of cluster.nodes) await cluster.stop(node.index);
});
