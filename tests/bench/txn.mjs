// What a write to `net` costs on a three-member etcd: from one script through amid, beside the same
// transaction sent to etcd's JSON gateway by a bare HTTP client and by etcdctl. Needs root.
//   node tests/bench/txn.mjs [writes]
import '../cluster/inside.js';
import { spawnSync } from 'node:child_process';
import http from 'node:http';

import { Cluster } from '../cluster/cluster.js';
import { base64 } from '../cluster/etcd.js';
import { RELEASE_BIN, median, percentile, report } from './node.mjs';

const WRITES = Number(process.argv[2] ?? 500);
const ROUNDS = 5;
const CTL_ROUNDS = 15;
const VALUE = JSON.stringify({ raw: { price: 42000.5, text: 'x'.repeat(80) } });

const script = (leader) => `
const value = { price: 42000.5, text: 'x'.repeat(80) };
const times = [];
for (let i = 0; i < ${WRITES}; i++) {
  const from = performance.now();
  await Stels.net.set(['bench', ${leader}, i], value);
  times.push(performance.now() - from);
}
times.sort((a, b) => a - b);
logger.info('TXN ' + times[Math.floor(times.length / 2)] + ' ' + times[Math.floor(times.length * 0.99)]);`;

const cluster = await Cluster.start({
  bin: RELEASE_BIN,
  debug: false,
  env: { AMID_LOG_LEVEL: 'info' },
});
const { amid } = cluster.nodes[0];
const { etcd } = cluster;

async function ofScript(members, leader) {
  const marks = cluster.nodes.map((node) => node.amid.logMark());
  const sid = await amid.runWorker(script(leader), { mode: 'single', ...members });
  const line = await Promise.any(
    cluster.nodes.map((node, i) => node.amid.waitLog(/TXN [\d.]+ [\d.]+/, { from: marks[i] })),
  );
  const [, half, most] = /TXN ([\d.]+) ([\d.]+)/.exec(line);
  await amid.call('deleteWorker', { sid });
  return { half: Number(half), most: Number(most) };
}

async function ofGateway() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  for (let i = 0; i < WRITES; i++) {
    const body = JSON.stringify({
      compare: [
        { key: base64(`bench/${i}`), target: 'MOD', result: 'GREATER', mod_revision: '-1' },
      ],
      success: [{ request_put: { key: base64(`bench/${i}`), value: base64(VALUE) } }],
    });
    const from = performance.now();
    await new Promise((resolve, reject) => {
      const outgoing = http.request(
        new URL('/v3/kv/txn', etcd.urls[0]),
        { method: 'POST', agent },
        (incoming) => {
          incoming.resume();
          incoming.on('end', resolve);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    times.push(performance.now() - from);
  }
  agent.destroy();
  return { half: median(times), most: percentile(times, 0.99) };
}

function ofEtcdctl() {
  const times = [];
  for (let i = 0; i < CTL_ROUNDS; i++) {
    const from = performance.now();
    const { status, stderr } = spawnSync('etcdctl', ['--endpoints', etcd.urls[0], 'txn'], {
      input: `mod("ctl") > "-1"\n\nput ctl '${VALUE}'\n\n\n`,
      env: { PATH: process.env.PATH, ETCDCTL_API: '3' },
    });
    if (status !== 0) throw new Error(String(stderr));
    times.push(performance.now() - from);
  }
  return median(times);
}

try {
  const rounds = { script: [], leader: [], gateway: [] };
  for (let i = 0; i < ROUNDS; i++) {
    rounds.gateway.push(await ofGateway());
    rounds.script.push(await ofScript({}, 0));
    rounds.leader.push(await ofScript({ executionMode: 'leader' }, 1));
  }
  const half = (list) => median(list.map((one) => one.half));
  const most = (list) => median(list.map((one) => one.most)).toFixed(1);
  const bare = half(rounds.gateway);
  report('txn, bare HTTP to the JSON gateway', bare, `ms, p99 ${most(rounds.gateway)}`);
  for (const [name, list] of [
    ['net.set from one script', rounds.script],
    ['the same of a leader worker, fenced', rounds.leader],
  ])
    report(
      name,
      half(list),
      `ms, p99 ${most(list)}: ${(half(list) / bare).toFixed(2)} x the bare txn`,
    );
  report('etcdctl txn, with its start', ofEtcdctl(), 'ms');
} finally {
  await cluster.close();
}
process.exit(0);
