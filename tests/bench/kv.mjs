// Durable writes and reads of one script through the whole way (runner, broker, writer thread, fsync); what SQLite alone
// does on the same disk is printed by build/bin/kv_bench.
//   node tests/bench/kv.mjs
import { report, startNode } from './node.mjs';

const WRITES = 3000;
const IN_FLIGHT = 64;

const SCRIPT = `
const value = 'x'.repeat(100);
const rate = async (name, count, run) => {
  const from = Date.now();
  await run();
  logger.info('RATE ' + name + ': ' + Math.round(count * 1000 / (Date.now() - from)));
};
await rate('one at a time', ${WRITES}, async () => {
  for (let i = 0; i < ${WRITES}; i++) await Stels.local.set(['bench', i], value);
});
await rate('${IN_FLIGHT} in flight', ${WRITES}, async () => {
  let next = 0;
  const lane = async () => { while (next < ${WRITES}) await Stels.local.set(['bench', next++], value); };
  await Promise.all(Array.from({ length: ${IN_FLIGHT} }, lane));
});
await rate('reads', ${WRITES}, async () => {
  for (let i = 0; i < ${WRITES}; i++) await Stels.local.get(['bench', i]);
});
logger.info('RATES DONE');
`;

const node = await startNode();
try {
  await node.runWorker(SCRIPT, { mode: 'single' });
  await node.waitLog(/RATES DONE/);
  for (const line of node.log.items) {
    const found = /RATE (.*): (\d+)/.exec(line);
    if (found) report(`KV from one script, ${found[1]}`, found[2], 'per s');
  }
} finally {
  await node.stop();
}
