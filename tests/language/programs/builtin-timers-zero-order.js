// Timers of 0 and 1 ms, nested microtasks, clearing from microtasks.
const log = [];
setTimeout(() => log.push('a'), 1);
setTimeout(() => log.push('b'), 0);
const t = setTimeout(() => log.push('cleared'), 0);
Promise.resolve().then(() => clearTimeout(t));
setTimeout(async () => {
  log.push('c');
  await null;
  log.push('c2');
  await null;
  log.push('c3');
}, 0);
setTimeout(() => log.push('d'), 0);
await new Promise((r) => setTimeout(r, 10));
console.log(log.join(' '), typeof clearTimeout(5), clearInterval() === undefined);
