// Durable writes and reads of one script through the whole way (runner, broker, writer thread, fsync); what SQLite alone
// does on the same disk is printed by build/bin/kv_bench. With the path of a deno program, Deno's KV does the same on
// the same disk, turn by turn, and the ratio is that of the medians.
//   node tests/bench/kv.mjs [deno]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { median, report, startNode } from './node.mjs';

const WRITES = 3000;
const IN_FLIGHT = 64;
const WATCHED = 300;
const ROUNDS = 7;
const deno = process.argv[2];

// The same text for both: `kv` and `say` come from outside.
const ROUND = `
const LAG = 'watch, acknowledge to event';
const value = { price: 42000.5, text: 'x'.repeat(80) };
const rate = async (name, count, run) => {
  const from = performance.now();
  await run();
  say('RATE ' + name + ': ' + Math.round(count * 1000 / (performance.now() - from)));
};
await rate('set, one at a time', ${WRITES}, async () => {
  for (let i = 0; i < ${WRITES}; i++) await kv.set(['bench', i], value);
});
await rate('set, ${IN_FLIGHT} in flight', ${WRITES}, async () => {
  let next = 0;
  const lane = async () => { while (next < ${WRITES}) await kv.set(['bench', next++], value); };
  await Promise.all(Array.from({ length: ${IN_FLIGHT} }, lane));
});
await rate('get, one at a time', ${WRITES}, async () => {
  for (let i = 0; i < ${WRITES}; i++) await kv.get(['bench', i]);
});
await rate('atomic with check and sum, one at a time', ${WRITES / 3}, async () => {
  for (let i = 0; i < ${WRITES / 3}; i++) {
    const entry = await kv.get(['bench', i]);
    const { ok } = await kv.atomic().check(entry).set(['bench', i], value).sum(['total'], ONE).commit();
    if (!ok) throw new Error('check failed');
  }
});
const numberOf = (value) => (value === null ? -1 : typeof value === 'object' ? value.raw : value);
const states = kv.watch([['watched']])[Symbol.asyncIterator]();
const lags = [];
await kv.set(['watched'], 0);
let event = await states.next();
while (numberOf(event.value[0].value) !== 0) event = await states.next();
for (let i = 1; i <= ${WATCHED}; i++) {
  const times = await Promise.all([
    kv.set(['watched'], i).then(() => performance.now()),
    states.next().then(() => performance.now()),
  ]);
  lags.push(times[1] - times[0]);
}
lags.sort((a, b) => a - b);
say('RATE ' + LAG + ': ' + Math.round(lags[${WATCHED / 2}] * 1000));
await states.return();
say('ROUND DONE');
`;

const AMID = `const kv = Stels.local; const say = (text) => logger.info(text); const ONE = 1;\n${ROUND}`;
const DENO = `
const kv = await Deno.openKv(Deno.args[0]);
const say = (text) => console.log(text);
const ONE = 1n;
await kv.delete(['total']);
${ROUND}
kv.close();
`;

const LAG = 'watch, acknowledge to event';
const rates = { amid: new Map(), deno: new Map() };

function note(who, line) {
  const found = /RATE (.*): (-?\d+)/.exec(line);
  if (!found) return;
  const list = rates[who].get(found[1]) ?? [];
  list.push(Number(found[2]));
  rates[who].set(found[1], list);
}

async function roundOfAmid(node) {
  const from = node.logMark();
  const sid = await node.runWorker(AMID, { mode: 'single' });
  await node.waitLog(/ROUND DONE/, { from });
  node.log.items.slice(from).forEach((line) => note('amid', line));
  await node.call('deleteWorker', { sid });
}

async function roundOfDeno(folder) {
  const script = path.join(folder, 'kv.mjs');
  writeFileSync(script, DENO);
  const child = spawn(deno, ['run', '-A', '--unstable-kv', script, path.join(folder, 'kv.db')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => note('deno', line));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`deno ended with ${code}`);
}

const folder = mkdtempSync(path.join(tmpdir(), 'amid-bench-'));
const node = await startNode();
try {
  for (let round = 0; round < ROUNDS; round++) {
    await roundOfAmid(node);
    if (deno !== undefined) await roundOfDeno(folder);
  }
  for (const [name, list] of rates.amid) {
    const own = median(list);
    const peers = rates.deno.get(name);
    if (name === LAG) {
      const beside = peers === undefined ? '' : `, Deno's ${median(peers)}`;
      report(`KV ${name}`, String(own), `us${beside}`, '<= 100');
      continue;
    }
    const beside =
      peers === undefined ? '' : `: ${(own / median(peers)).toFixed(2)} x Deno's ${median(peers)}`;
    report(`KV from one script, ${name}`, String(own), `per s${beside}`);
  }
} finally {
  await node.stop();
  rmSync(folder, { recursive: true });
}
