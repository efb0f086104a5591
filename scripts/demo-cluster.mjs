// Starts three nodes on this machine with an etcd of three members, creates a leader worker, and
// shows what happens when the amid of its leader is killed: at each Enter, or once by itself with
// --check. Called by ./run --cluster.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { Etcd } from '../tests/cluster/etcd.js';

const NODES = 3;
const TTL_S = 5;
const WAIT_MS = 120_000;
const LOOK_MS = 50;
const DEMO_SCRIPT = `// On one node of the network at a time; what it writes carries its seat in the transaction.
const key = ['demo', 'round'];
const seen = await Stels.net.get(key);
const round = (seen.value ? seen.value.raw : 0) + 1;
await Stels.net.set(key, round);
logger.info(\`Round \${round}, led by \${Stels.config.nid}, token \${Stels.leader.token}\`);
await Stels.sleep(1000);
`;

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '3001' },
    check: { type: 'boolean', default: false },
  },
});
const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');
const scratch = mkdtempSync(path.join(tmpdir(), 'amid-cluster-'));
// Started as root, amid becomes another user, who has to reach its folder.
chmodSync(scratch, 0o755);

const nodes = [];
let etcd;
let isEnding = false;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Own process groups: Ctrl-C is for this program, which then ends them in good order. */
function launch(node) {
  node.child = spawn(path.join(root, 'build/bin/amid'), [], {
    detached: true,
    env: {
      ...process.env,
      AMID_NODE_NID: node.nid,
      AMID_NODE_STATE: node.state,
      AMID_NODE_NETWORK: 'demo',
      AMID_HTTP_LISTEN: `127.0.0.1:${node.wanted}`,
      AMID_CLUSTER_ETCD: etcd.urls.join(','),
      AMID_LEADER_TTL_S: String(TTL_S),
      AMID_LEADER_RENEW_S: '2',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  node.ended = new Promise((resolve) => node.child.on('close', resolve));
  node.child.on('error', (error) => console.error(`amid does not start: ${error.message}`));
  const listening = new Promise((resolve) => {
    createInterface({ input: node.child.stderr }).on('line', (line) => {
      process.stderr.write(`${node.nid} | ${line}\n`);
      const match = /listening on 127\.0\.0\.1:(\d+)/i.exec(line);
      if (match !== null) resolve(Number(match[1]));
    });
  });
  return Promise.race([
    listening.then((port) => {
      node.wanted = node.port = port;
      node.token = readFileSync(path.join(node.state, 'owner.token'), 'utf8').trim();
    }),
    node.ended.then((code) => {
      throw new Error(`${node.nid} ended with ${code}`);
    }),
  ]);
}

async function call(node, method, body) {
  const response = await fetch(`http://127.0.0.1:${node.port}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stels-session': node.token },
    body: JSON.stringify({ webfix: '1.0', method, body }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

/** The leader that every running node names, once they all name the same and it is not `except`. */
async function leaderOf(sid, except) {
  const giveUp = Date.now() + WAIT_MS;
  for (;;) {
    const running = nodes.filter((node) => node.child.exitCode === null && !node.isKilled);
    const infos = await Promise.all(
      running.map((node) => call(node, 'getLeaderInfo', { workerId: sid }).catch(() => ({}))),
    );
    const { leader } = infos[0];
    const isAgreed = infos.every((info) => info.hasLeader && info.leader === leader);
    if (isAgreed && leader !== except) return nodes.find((node) => node.nid === leader);
    if (Date.now() > giveUp) throw new Error(`no leader: ${JSON.stringify(infos)}`);
    await sleep(LOOK_MS);
  }
}

async function roundNow(sid) {
  const from = Date.now();
  const leader = await leaderOf(sid);
  for (;;) {
    const { workers } = await call(leader, 'getWorkerStats');
    const row = workers.find((worker) => worker.sid === sid);
    if (row?.executions > 0) return row.executions;
    if (Date.now() > from + WAIT_MS) throw new Error(`the worker does not run on ${leader.nid}`);
    await sleep(LOOK_MS);
  }
}

async function killLeader(sid) {
  const old = await leaderOf(sid);
  console.log(`\n=== kill -9 of ${old.nid}, the leader; its lease lasts ${TTL_S} s at most`);
  const from = Date.now();
  old.isKilled = true;
  old.child.kill('SIGKILL');
  await old.ended;
  const next = await leaderOf(sid, old.nid);
  console.log(`=== ${next.nid} leads, ${((Date.now() - from) / 1000).toFixed(1)} s after the kill`);
  await roundNow(sid);
  old.isKilled = false;
  await launch(old);
  console.log(`=== ${old.nid} is back and follows`);
  return { old, next };
}

function printNext(sid, leader) {
  const [node] = nodes;
  const others = nodes.map(({ nid, port }) => `${nid} on http://127.0.0.1:${port}`).join(', ');
  console.log(`
${others}; etcd: ${etcd.urls.join(', ')}
${leader.nid} leads worker ${sid}. Try in another terminal:

  TOKEN=$(cat ${node.state}/owner.token)
  curl -s -H "stels-session: $TOKEN" http://127.0.0.1:${node.port}/api/nodes
  curl -s -H "stels-session: $TOKEN" -H 'content-type: application/json' http://127.0.0.1:${node.port}/ \\
       -d '{"webfix":"1.0","method":"getLeaderInfo","body":{"workerId":"${sid}"}}'
  curl -s -H "stels-session: $TOKEN" -X POST http://127.0.0.1:${node.port}/api/workers/${sid}/restart

Enter kills the amid of the leader with -9. Ctrl-C ends all.
`);
}

async function endAll() {
  if (isEnding) return;
  isEnding = true;
  for (const node of nodes) node.child?.kill('SIGTERM');
  await Promise.all(nodes.map((node) => node.ended));
  await etcd?.stop();
  rmSync(scratch, { recursive: true, force: true });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => endAll().then(() => process.exit(0)));

async function check(sid) {
  const { old, next } = await killLeader(sid);
  if (old === next) throw new Error('check: the killed node leads again');
  const now = await leaderOf(sid);
  if (now !== next) throw new Error(`check: ${now.nid} leads instead of ${next.nid}`);
  console.log(`check: ${next.nid} took over from ${old.nid} and stayed`);
}

try {
  etcd = await Etcd.start({ members: 3 });
  const first = options.check ? 0 : Number(options.port);
  for (let i = 0; i < NODES; i++) {
    const nid = `s-000${i + 1}`;
    const state = path.join(scratch, nid);
    mkdirSync(state);
    nodes.push({ nid, state, wanted: first === 0 ? 0 : first + i, isKilled: false });
  }
  await Promise.all(nodes.map(launch));
  const made = await call(nodes[0], 'setWorker', {
    scriptContent: DEMO_SCRIPT,
    note: 'Demo leader of ./run --cluster',
    executionMode: 'leader',
    active: true,
  });
  const { sid } = made.value.raw;
  const leader = await leaderOf(sid);
  await roundNow(sid);
  if (options.check) {
    await check(sid);
    await endAll();
  } else {
    printNext(sid, leader);
    let busy = Promise.resolve();
    createInterface({ input: process.stdin }).on('line', () => {
      busy = busy.then(() => killLeader(sid)).catch((error) => console.error(error.message));
    });
  }
} catch (error) {
  console.error(error.message);
  await endAll();
  process.exit(1);
}
