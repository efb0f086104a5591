// Private memory and PSS of an idle worker (a counter and a 1 s sleep) at 200 and 1,000 workers.
//   node tests/bench/memory.mjs [COUNT ...]
import { median, memoryOf, report, startNode, until } from './node.mjs';

const SCRIPT = 'let n = 0; while (true) { n++; await Stels.sleep(1000); }';

async function measure(count) {
  const node = await startNode();
  try {
    const sids = [];
    for (let i = 0; i < count; i++) sids.push(await node.runWorker(SCRIPT));
    // Two ticks each: every worker has run its body and slept.
    const rows = await until(async () => {
      const { workers } = await node.stats();
      return workers.length === count && workers.every((row) => row.ticks >= 2) && workers;
    });
    const pids = [];
    for (const row of rows) pids.push(row.pid ?? (await node.view(row.sid)).state.pid);
    const figures = pids.map(memoryOf).filter((figure) => figure !== null);
    report(
      `private memory per idle worker, ${count} workers`,
      median(figures.map((figure) => figure.privateKib)),
      'KiB',
      '<= 350',
    );
    report(
      `PSS per idle worker, ${count} workers`,
      median(figures.map((figure) => figure.pssKib)),
      'KiB',
    );
    report(`supervisor PSS, ${count} workers`, memoryOf(node.pid).pssKib / 1024, 'MiB');
  } finally {
    await node.stop();
  }
}

const counts = process.argv.slice(2).map(Number);
for (const count of counts.length > 0 ? counts : [200, 1000]) await measure(count);
