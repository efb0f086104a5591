// Iterations per second of an empty critical loop (its delay is 1 ms) and the cost of awaiting a resolved promise.
//   node tests/bench/iterations.mjs [SECONDS]
import { report, startNode, until } from './node.mjs';

const seconds = Number(process.argv[2] ?? 5);
const AWAITS = 200_000;

const node = await startNode();
try {
  const sid = await node.runWorker('', { scriptContent: ';', priority: 'critical' });
  await until(async () => (await node.stats(sid)).executions > 100);
  const first = await node.stats();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const last = await node.stats();
  const ran = last.totalExecutions - first.totalExecutions;
  report(
    'iterations of an empty critical loop',
    ran / ((last.timestamp - first.timestamp) / 1000),
    'per s',
  );

  const from = node.logMark();
  await node.runWorker(
    `const p = Promise.resolve(1); const t = Date.now();
     for (let i = 0; i < ${AWAITS}; i++) await p;
     logger.info('took ' + (Date.now() - t) + ' ms'); await Stels.sleep(3600000);`,
  );
  const line = await node.waitLog(/took (\d+) ms/, { from });
  report(
    'await of a resolved promise',
    (Number(/took (\d+) ms/.exec(line)[1]) * 1000) / AWAITS,
    'us',
    '<= 2',
  );
} finally {
  await node.stop();
}
