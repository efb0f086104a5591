// Requests a second through Deno.serve beside a bare evhttp and Node's http with the same body and load, turn by turn;
// the ratios are those of the medians. Needs wrk.
//   node tests/bench/serve.mjs [SECONDS]
import { execFileSync, spawn } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';

import { ROOT } from '../integration/harness.js';
import { median, report, startNode, until } from './node.mjs';

const SECONDS = Number(process.argv[2] ?? 3);
const ROUNDS = 3;
const CONNECTIONS = 64;
const BODY = 'x'.repeat(100);

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Requests a second; an answer that is no 200 or a broken connection ends the benchmark. */
function load(port) {
  const text = execFileSync(
    'wrk',
    ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, `http://127.0.0.1:${port}/`],
    { encoding: 'utf8' },
  );
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(text);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]);
}

const children = [];
async function startProgram(program, args) {
  children.push(spawn(program, args, { stdio: 'ignore' }));
}

const ports = { evhttp: await freePort(), node: await freePort(), amid: await freePort() };
await startProgram(path.join(ROOT, 'build/bin/evhttp_hello'), [
  String(ports.evhttp),
  String(BODY.length),
]);
await startProgram(process.execPath, [
  '-e',
  `require('http').createServer((q, s) => { s.setHeader('content-type', 'text/plain'); s.end('${BODY}'); })
     .listen(${ports.node}, '127.0.0.1')`,
]);
const node = await startNode({ AMID_SERVE_PORTS: String(ports.amid) });
await node.runWorker(`Deno.serve({ port: ${ports.amid} }, () => new Response('${BODY}'));`);

const rates = { evhttp: [], node: [], amid: [] };
try {
  for (const who of Object.keys(rates)) await until(() => answers(ports[who]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const who of Object.keys(rates)) rates[who].push(load(ports[who]));
  }
} finally {
  for (const child of children) child.kill();
  await node.stop();
}
const bare = median(rates.evhttp);
for (const who of Object.keys(rates)) report(`${who} hello`, median(rates[who]), 'requests/s');
report("Node's http of bare evhttp", (100 * median(rates.node)) / bare, '%');
report('Deno.serve of bare evhttp', (100 * median(rates.amid)) / bare, '%', '≥ 50');
