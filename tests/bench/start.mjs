// API start -> first statement and API restart -> first statement (compiled before), beside a child
// of node's own. The first statement is a log line; its arrival on amid's stderr is the end of the interval.
//   node tests/bench/start.mjs [RUNS]
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { median, report, rest, startNode } from './node.mjs';

const runs = Number(process.argv[2] ?? 20);
const MARK = 'first statement';
const SCRIPT = `logger.info('${MARK}'); while (true) { await Stels.sleep(1000); }`;

async function timed(node, act) {
  const from = node.logMark();
  const begun = performance.now();
  const [, ended] = await Promise.all([
    act(),
    node.waitLog(new RegExp(MARK), { from }).then(() => performance.now()),
  ]);
  return ended - begun;
}

async function nodeChild() {
  const begun = performance.now();
  const child = spawn(process.execPath, ['-e', `console.log('${MARK}')`]);
  await once(child.stdout, 'data');
  const took = performance.now() - begun;
  await once(child, 'close');
  return took;
}

const node = await startNode();
try {
  const sid = (await node.makeWorker(SCRIPT)).value.raw.sid;
  const act = (verb) => () => node.api('POST', `/api/workers/${sid}/${verb}`);
  await timed(node, act('start'));
  const starts = [];
  const restarts = [];
  const peers = [];
  for (let i = 0; i < runs; i++) {
    await rest();
    restarts.push(await timed(node, act('restart')));
    const mark = node.logMark();
    await act('stop')();
    await node.waitLog(/stopped|ended|exit/i, { from: mark });
    await rest();
    starts.push(await timed(node, act('start')));
    peers.push(await nodeChild());
  }
  report('API start -> first statement, median', median(starts), 'ms', '<= 3');
  report('API restart -> first statement, median', median(restarts), 'ms', '<= 3');
  report('node child -> first statement, median', median(peers), 'ms');
  report('start beside node child', median(starts) / median(peers), 'x');
} finally {
  await node.stop();
}
