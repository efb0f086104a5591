// How long a change of a worker's record takes to all of three nodes that know a thousand workers,
// none of which runs. Needs root.
//   node tests/bench/spread.mjs [workers] [changes]
import '../cluster/inside.js';
import http from 'node:http';

import { Cluster } from '../cluster/cluster.js';
import { World } from '../cluster/leaders.js';
import { RELEASE_BIN, median, percentile, report, until } from './node.mjs';

const WORKERS = Number(process.argv[2] ?? 1000);
const CHANGES = Number(process.argv[3] ?? 200);
const STARTS = 20;
const IN_FLIGHT = 8;
const agent = new http.Agent({ keepAlive: true });

async function inParallel(count, job) {
  let next = 0;
  const lane = async () => {
    while (next < count) await job(next++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

const arrived = [];
const world = await (async () => {
  const cluster = await Cluster.start({
    bin: RELEASE_BIN,
    debug: false,
    env: { AMID_LOG_LEVEL: 'info' },
  });
  const opened = await World.open((effect) => arrived.push({ ...effect, now: performance.now() }));
  return { cluster, opened };
})();
const { cluster } = world;
const [first, ...others] = cluster.nodes.map(({ amid }) => amid);
const ask = (amid, sid) =>
  amid.request({
    path: `/api/workers/${sid}`,
    headers: { 'stels-session': amid.token },
    agent,
  });

try {
  const sids = [];
  await inParallel(WORKERS, async () => {
    const entry = await first.makeWorker("logger.info('never runs')", { active: false });
    sids.push(entry.value.raw.sid);
  });
  for (const amid of others)
    await until(async () => (await amid.call('listWorkers')).body.length === WORKERS);

  /** From the request to the moment the last node answers with the new record. */
  const spread = [];
  const acknowledged = [];
  for (let i = 0; i < CHANGES; i++) {
    const sid = sids[i % WORKERS];
    const from = performance.now();
    const changed = first.updateWorker(sid, { note: `change ${i}` }).then((entry) => {
      acknowledged.push(performance.now() - from);
      return entry;
    });
    const seen = others.map(async (amid) => {
      for (;;) {
        const { body } = await ask(amid, sid);
        if (body.value.raw.note === `change ${i}`) return;
      }
    });
    await Promise.all([changed, ...seen]);
    spread.push(performance.now() - from);
  }
  report(
    `a change of one of ${WORKERS} workers, request to seen on 3 nodes`,
    median(spread),
    `ms, p99 ${percentile(spread, 0.99).toFixed(1)}; acknowledged after ${median(acknowledged).toFixed(1)} ms`,
    '< 1000',
  );

  const from = performance.now();
  await inParallel(WORKERS, (i) => first.updateWorker(sids[i], { note: 'all' }));
  const done = performance.now();
  for (const amid of others)
    await until(async () =>
      (await amid.call('listWorkers')).body.every((entry) => entry.value.raw.note === 'all'),
    );
  report(
    `${WORKERS} changes, ${IN_FLIGHT} at a time, until all 3 nodes have all`,
    (performance.now() - from) / 1000,
    `s, acknowledged after ${((done - from) / 1000).toFixed(2)} s`,
  );

  const script = `await fetch('${world.opened.url}?' + new URLSearchParams({ node: Stels.config.nid }));`;
  const entry = await first.makeWorker(script, { mode: 'single', active: false });
  const { sid } = entry.value.raw;
  const starts = [];
  for (let i = 0; i < STARTS; i++) {
    arrived.length = 0;
    const begin = performance.now();
    await first.call('restartWorker', { sid });
    await until(() => new Set(arrived.map(({ node }) => node)).size === 3);
    starts.push(Math.max(...arrived.map(({ now }) => now)) - begin);
  }
  report(
    'restartWorker to first request of its script from all 3 nodes',
    median(starts),
    'ms',
    '< 1000',
  );
} finally {
  await cluster.close();
  world.opened.close();
}
process.exit(0);
