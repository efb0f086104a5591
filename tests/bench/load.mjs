// A crowded node: COUNT workers that sleep a second each (CPU share of all of it, answer times of registry calls), and
// answer times while a 50 KB script compiles beside 1,000 workers, against the same calls on the idle node.
//   node tests/bench/load.mjs [COUNT]
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';

import path from 'node:path';

import { childrenOf } from '../integration/harness.js';
import { bigScript } from './script.mjs';
import { percentile, RELEASE_BIN, report, startNode, until } from './node.mjs';

const SCRIPT = 'let n = 0; while (true) { n++; await Stels.sleep(1000); }';
const CALLS = 4000;
const AT_ONCE = 16;

async function fill(node, count, have = 0) {
  let next = have;
  const one = async () => {
    while (next < count) {
      next++;
      await node.runWorker(SCRIPT);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return until(async () => {
    const { workers } = await node.stats();
    return workers.filter((row) => row.state === 'running' && row.ticks >= 1).length === count;
  }, 300_000);
}

/** Milliseconds of CPU that a process with one thread has used, finer than the ticks of its stat file. */
function cpuMs(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}

async function cpuShare(pids, ms) {
  const before = pids.map(cpuMs);
  const from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const used = pids.map(cpuMs).reduce((sum, now, i) => sum + now - before[i], 0);
  return (100 * used) / (performance.now() - from);
}

/** Answer times of one-worker calls over one kept connection, one after the other. */
async function answerTimes(node, sid, calls, while_ = () => true) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  for (let i = 0; i < calls && while_(); i++) {
    const begun = performance.now();
    const answer = await node.request({
      path: `/api/workers/${sid}`,
      headers: { 'stels-session': node.token },
      agent,
    });
    if (answer.status !== 200) throw new Error(answer.text);
    times.push(performance.now() - begun);
  }
  agent.destroy();
  return times;
}

async function crowded(count) {
  const node = await startNode({ AMID_RUNNER_WORKERS: String(count) });
  try {
    const begun = performance.now();
    await fill(node, count);
    report(
      `${count} workers saved, compiled and running after`,
      (performance.now() - begun) / 1000,
      's',
    );
    const { workers } = await node.stats();
    const healthy = workers.filter((row) => row.state === 'running' && row.errors === 0).length;
    report('healthy', String(healthy), `of ${count}`);
    const own = await cpuShare([node.pid], 5000);
    const all = childrenOf(node.pid).map((child) => child.pid);
    const runners = await cpuShare(all, 5000);
    report('CPU of the supervisor', own, '% of one core');
    report('CPU of supervisor and runners', own + runners, '% of one core', '< 15');
    report('CPU of a wake-up, supervisor and runner', ((own + runners) / 100 / count) * 1e6, 'us');
    await answerTimes(node, workers[0].sid, CALLS); // warms this client up
    const times = await answerTimes(node, workers[0].sid, CALLS);
    report(`p99 of a registry call, ${count} workers`, percentile(times, 0.99), 'ms', '< 20');
  } finally {
    await node.stop();
  }
}

async function whileCompiling(count) {
  const node = await startNode();
  try {
    const sid = await node.runWorker(SCRIPT);
    await answerTimes(node, sid, CALLS); // warms this client up
    const idle = percentile(await answerTimes(node, sid, CALLS), 0.99);
    await fill(node, count, 1);
    let compiling = true;
    const compile = node.call('validateScript', { scriptContent: bigScript(49_500) });
    const busy = answerTimes(node, sid, 100_000, () => compiling);
    if ((await compile).status !== 200) throw new Error('the script did not compile');
    compiling = false;
    const p99 = percentile(await busy, 0.99);
    report('p99 of an idle node', idle, 'ms');
    report(`p99 while 50 KB compile and ${count} workers run`, p99, 'ms');
    report('p99 while compiling beside idle', p99 / idle, 'x', '<= 2');
  } finally {
    await node.stop();
  }
}

function bareSleepers(count) {
  const share = execFileSync(path.join(RELEASE_BIN, 'sleepers'), [String(count)], {
    encoding: 'utf8',
  });
  report(`CPU of ${count} processes in C that only sleep`, Number(share), '% of one core');
}

const workers = Number(process.argv[2] ?? 5000);
bareSleepers(workers);
await crowded(workers);
bareSleepers(workers);
await whileCompiling(1000);
