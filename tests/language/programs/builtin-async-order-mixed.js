// Timers, microtasks, async functions and generators together in one order.
const log = [];
setTimeout(() => log.push('t0'), 0);
setTimeout(() => log.push('t5'), 100);
(async () => {
  log.push('a1');
  await null;
  log.push('a2');
  await new Promise((r) => setTimeout(r, 1));
  log.push('a3');
})();
Promise.resolve().then(() => log.push('p1')).then(() => log.push('p2'));
queueMicrotask(() => log.push('q'));
(function* () {
  log.push('g1');
  yield;
  log.push('g2');
})().next();
log.push('end');
await new Promise((r) => setTimeout(r, 150));
console.log(log.join(' '));
