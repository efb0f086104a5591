// How long a leader worker of three nodes does not write: when the amid of its leader is stopped as
// an operator stops it, and when it is killed. Times are those of etcd's own watch. Needs root.
//   node tests/bench/takeover.mjs [rounds of clean stops] [rounds of crashes]
import '../cluster/inside.js';
import { Cluster, PREFIX } from '../cluster/cluster.js';
import { History } from '../cluster/history.js';
import { RELEASE_BIN, median, percentile, report, until } from './node.mjs';

const TTL_S = 5;
const STOPS = Number(process.argv[2] ?? 20);
const CRASHES = Number(process.argv[3] ?? 7);
const SCRIPT = `
let n = 0;
while (!Stels.shouldStop()) {
  await Stels.net.set(['bench', 'last'], { nid: Stels.config.nid, n: n++ });
  await Stels.sleep(1);
}`;

const writes = { last: null, first: null, before: null };
let seatGoneAt = 0;

/** The first write of another node than the one before, and that one's last. */
function onRevision(revision, events) {
  const now = performance.now();
  for (const { type, key, value } of events) {
    if (key?.[0] === 'ami' && key[1] === 'leader' && type === 'DELETE') seatGoneAt = now;
    if (key?.[0] !== 'bench') continue;
    const { nid } = JSON.parse(value).raw;
    if (writes.last !== null && writes.last.nid !== nid) {
      writes.before = writes.last;
      writes.first = { nid, now };
    }
    writes.last = { nid, now };
  }
}

const cluster = await Cluster.start({
  ttl: TTL_S,
  bin: RELEASE_BIN,
  debug: false,
  env: { AMID_LOG_LEVEL: 'info' },
});
const history = new History({ urls: cluster.etcd.urls, prefix: PREFIX, onRevision });
try {
  await cluster.nodes[0].amid.runWorker(SCRIPT, { executionMode: 'leader', priority: 'critical' });
  await until(() => writes.last !== null);
  const round = async (end) => {
    const node = cluster.nodes.find(({ nid }) => nid === writes.last.nid);
    writes.first = null;
    const from = performance.now();
    const ended = end(node.index);
    await until(() => writes.first !== null);
    await ended;
    await cluster.launch(node.index);
    return { from, seatGoneAt, before: writes.before.now, first: writes.first.now };
  };
  const stops = [];
  for (let i = 0; i < STOPS; i++) stops.push(await round((i) => cluster.stop(i)));
  const gaps = stops.map(({ first, before }) => first - before);
  report(
    'clean stop, last write of the old leader to first write of the new',
    median(gaps),
    `ms, p90 ${percentile(gaps, 0.9).toFixed(1)}`,
    '<= 50',
  );
  const empty = stops.map(({ first, seatGoneAt: gone }) => first - gone);
  report(
    'of it, seat given up to first write of the new leader',
    median(empty),
    `ms, p90 ${percentile(empty, 0.9).toFixed(1)}`,
  );
  const crashes = [];
  for (let i = 0; i < CRASHES; i++) crashes.push(await round((i) => cluster.crash(i)));
  const times = crashes.map(({ from, first }) => (first - from) / 1000);
  report(
    `kill -9 of the leader's amid to first write of the new, TTL ${TTL_S} s`,
    median(times),
    `s, most ${Math.max(...times).toFixed(2)}`,
    `<= ${TTL_S + 0.5}`,
  );
  const seats = crashes.map(({ first, seatGoneAt: gone }) => first - gone);
  report('of it, end of the lease to first write', median(seats), 'ms');
} finally {
  history.stop();
  await cluster.close();
}
process.exit(0);
