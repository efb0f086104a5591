// Requests per second and p99 of the list of 50 workers, beside a bare evhttp server that answers a body of the same
// size, alternating in one run. Needs wrk (Debian package).
//   node tests/bench/api.mjs [ROUNDS]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { RELEASE_BIN, median, report, startNode } from './node.mjs';

const rounds = Number(process.argv[2] ?? 3);
const folder = mkdtempSync(path.join(tmpdir(), 'amid-bench-'));

function wrk(port, script) {
  const args = [
    '-t1',
    '-c32',
    '-d5s',
    '--latency',
    ...(script ? ['-s', script] : []),
    `http://127.0.0.1:${port}/`,
  ];
  const text = execFileSync('wrk', args, { encoding: 'utf8' });
  if (/Non-2xx/.test(text)) throw new Error(text);
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(text);
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]),
    p99Ms: Number(p99) * { us: 0.001, ms: 1, s: 1000 }[unit],
  };
}

const node = await startNode();
try {
  for (let i = 0; i < 50; i++) await node.makeWorker(`logger.info('worker ${i}');`);
  const list = await node.call('listWorkers');
  const script = path.join(folder, 'list.lua');
  writeFileSync(
    script,
    `wrk.method = "POST"
wrk.body = '{"webfix":"1.0","method":"listWorkers"}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["stels-session"] = "${node.token}"
`,
  );
  const peer = spawn(path.join(RELEASE_BIN, 'evhttp_hello'), [
    '0',
    String(Buffer.byteLength(list.text)),
  ]);
  const [line] = await once(createInterface({ input: peer.stdout }), 'line');
  const peerPort = Number(/(\d+)\s*$/.exec(line)[1]);
  try {
    const ours = [];
    const theirs = [];
    for (let i = 0; i < rounds; i++) {
      theirs.push(wrk(peerPort));
      ours.push(wrk(node.port, script));
    }
    const rate = (rows) => median(rows.map((row) => row.perSecond));
    report('list of 50 workers', rate(ours), 'requests/s');
    report('evhttp with a body of the same size', rate(theirs), 'requests/s');
    report('list of 50 workers beside evhttp', rate(ours) / rate(theirs), 'x', '>= 0.6');
    report('p99 of the list', median(ours.map((row) => row.p99Ms)), 'ms');
    report('p99 of evhttp', median(theirs.map((row) => row.p99Ms)), 'ms');
  } finally {
    peer.kill();
  }
} finally {
  await node.stop();
  rmSync(folder, { recursive: true });
}
