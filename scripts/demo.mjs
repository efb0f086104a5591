// Starts build/bin/amid as node s-0001, creates the demo worker through the HTTP API if it is not
// there yet, and says what to try next. Called by ./run.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const CHECK_TIME_MS = 120_000;
const DEMO_NOTE = 'Demo worker of ./run';
const DEMO_SCRIPT = `// An iteration: amid runs it again and again.
const seen = await Stels.local.get(['demo', 'count']);
const count = (seen.value ? seen.value.raw : 0) + 1;
await Stels.local.set(['demo', 'count'], count);
logger.info(\`Hello from \${Stels.config.nid}, iteration \${count}\`);
await Stels.sleep(2000);
`;

const { values: options } = parseArgs({
  options: {
    state: { type: 'string' },
    port: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
});
const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');
const shown = path.relative(process.cwd(), options.state);
const state = shown.startsWith('..') || shown === '' ? options.state : shown;

const amid = spawn(path.join(root, 'build/bin/amid'), [], {
  env: {
    ...process.env,
    AMID_NODE_NID: process.env.AMID_NODE_NID ?? 's-0001',
    AMID_NODE_STATE: options.state,
    AMID_HTTP_LISTEN: `127.0.0.1:${options.port}`,
  },
  stdio: ['ignore', 'inherit', 'pipe'],
});
process.on('SIGTERM', () => amid.kill('SIGTERM'));
// A terminal sends Ctrl-C to amid as well, and a second signal would end it without waiting.
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) amid.kill('SIGTERM');
});
const ended = new Promise((resolve) =>
  amid.on('close', (code, signal) => resolve({ code, signal })),
);
amid.on('error', (error) => {
  console.error(`amid does not start: ${error.message}`);
  process.exit(1);
});

function finish({ code, signal }) {
  if (signal !== null) console.error(`amid was ended by ${signal}`);
  process.exit(code ?? 1);
}

// The log goes on to the terminal; the line that names the port ends the start.
const listening = new Promise((resolve) => {
  createInterface({ input: amid.stderr }).on('line', (line) => {
    process.stderr.write(`${line}\n`);
    const match = /listening on 127\.0\.0\.1:(\d+)/i.exec(line);
    if (match !== null) resolve(Number(match[1]));
  });
});

const port = await Promise.race([listening, ended.then(finish)]);
const url = `http://127.0.0.1:${port}`;
const token = readFileSync(path.join(options.state, 'owner.token'), 'utf8').trim();

async function call(method, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stels-session': token },
    body: JSON.stringify({ webfix: '1.0', method, body }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

async function demoWorker() {
  const workers = await call('listWorkers');
  const there = workers.find((entry) => entry.value.raw.note === DEMO_NOTE);
  if (there !== undefined) return there.value.raw.sid;
  const made = await call('setWorker', {
    scriptContent: DEMO_SCRIPT,
    note: DEMO_NOTE,
    scope: 'local',
    active: true,
  });
  return made.value.raw.sid;
}

function printNext(sid) {
  console.log(`
amid listens on ${url}; state and owner token are in ${state}. Ctrl-C stops it.
Try in another terminal, in this folder:

  TOKEN=$(cat ${state}/owner.token)
  curl -s -H "stels-session: $TOKEN" ${url}/api/workers/${sid}
  curl -s -H "stels-session: $TOKEN" -X POST ${url}/api/workers/${sid}/restart
  curl -s -H "stels-session: $TOKEN" -d '{"webfix":"1.0","method":"getWorkerStats"}' \\
       -H 'content-type: application/json' ${url}/
  curl -s -H "stels-session: $TOKEN" -X POST ${url}/api/workers/${sid}/stop
`);
}

/** Waits for three iterations of the demo worker; its own pace is one in two seconds. */
async function check(sid) {
  const giveUp = Date.now() + CHECK_TIME_MS;
  for (;;) {
    if (Date.now() > giveUp) throw new Error('check: the demo worker did not run three times');
    const { workers } = await call('getWorkerStats');
    const row = workers.find((worker) => worker.sid === sid);
    if (row !== undefined && row.executions >= 3) {
      console.log(`check: the demo worker has run ${row.executions} times`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

try {
  const sid = await demoWorker();
  if (options.check) {
    await Promise.race([check(sid), ended.then(finish)]);
    amid.kill('SIGTERM');
  } else {
    printNext(sid);
  }
} catch (error) {
  console.error(error.message);
  amid.kill('SIGTERM');
  await ended;
  process.exit(1);
}
finish(await ended);
