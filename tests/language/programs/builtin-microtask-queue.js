// queueMicrotask runs before timers, in order with promise jobs, and refuses what is no function.
const log = [];
setTimeout(() => log.push('timer'), 0);
queueMicrotask(() => log.push('m1'));
Promise.resolve().then(() => log.push('p1'));
queueMicrotask(() => log.push('m2'));
await new Promise((r) => setTimeout(r, 5));
console.log(log.join());
try {
  queueMicrotask('code');
} catch (e) {
  console.log(e.name);
}
