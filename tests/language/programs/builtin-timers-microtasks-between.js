// Microtasks run between two timers that are due together.
const log = [];
setTimeout(() => {
  log.push('t1');
  Promise.resolve().then(() => log.push('m1'));
}, 1);
setTimeout(() => {
  log.push('t2');
  queueMicrotask(() => log.push('m2'));
}, 1);
setTimeout(() => log.push('t3'), 1);
await new Promise((r) => setTimeout(r, 6));
console.log(log.join(' '));
