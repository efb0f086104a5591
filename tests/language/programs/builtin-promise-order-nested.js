// Jobs queued from jobs come after those already queued.
const log = [];
Promise.resolve()
  .then(() => {
    log.push(1);
    Promise.resolve().then(() => log.push(3));
    queueMicrotask(() => log.push(4));
  })
  .then(() => log.push(5));
queueMicrotask(() => log.push(2));
await new Promise((resolve) => setTimeout(resolve, 5));
console.log(log.join());
