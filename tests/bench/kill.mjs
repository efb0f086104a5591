// kill -9 of a worker's process -> first statement of the next one, without the backoff: the virtual
// clock skips it as soon as it has begun. So it needs the build of the preset "bench". What the
// bench adds itself, a round trip over the debug socket, is in the figure.
//   cmake --preset bench && ninja -C build-bench && node tests/bench/kill.mjs [RUNS]
import path from 'node:path';

import { Amid, ROOT } from '../integration/harness.js';
import { median, percentile, report, rest } from './node.mjs';

const runs = Number(process.argv[2] ?? 50);
const BIN = path.join(ROOT, 'build-bench/bin');
const MARK = 'first statement';

const amid = await Amid.start({ bin: BIN, env: { AMID_LOG_LEVEL: 'info' } });
try {
  const sid = await amid.runWorker(
    `logger.info('${MARK}'); while (true) { await Stels.sleep(1e9); }`,
  );
  await amid.waitLog(new RegExp(MARK));
  let { pid } = await amid.waitState(sid, 'running');
  const noticed = [];
  const whole = [];
  for (let n = 0; n < runs; n++) {
    await rest();
    const from = amid.mark();
    const logFrom = amid.logMark();
    const begun = performance.now();
    process.kill(pid, 'SIGKILL');
    const { delayMs } = await amid.waitState(sid, 'backoff', { from });
    noticed.push(performance.now() - begun);
    const [ended] = await Promise.all([
      amid.waitLog(new RegExp(MARK), { from: logFrom }).then(() => performance.now()),
      amid.advance(delayMs + 1),
    ]);
    whole.push(ended - begun);
    ({ pid } = await amid.waitState(sid, 'running', { from }));
    // A success in between: the errors in a row would end the worker.
    if (n % 5 === 4) {
      const again = amid.mark();
      const logAgain = amid.logMark();
      await amid.call('restartWorker', { sid });
      ({ pid } = await amid.waitState(sid, 'running', { from: again }));
      await amid.waitLog(new RegExp(MARK), { from: logAgain });
    }
  }
  report('kill -9 -> noticed, median', median(noticed), 'ms');
  report('kill -9 -> first statement, median', median(whole), 'ms', '<= 3');
  report('kill -9 -> first statement, p90', percentile(whole, 0.9), 'ms');
} finally {
  await amid.stop();
}
