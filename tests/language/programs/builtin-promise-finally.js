// finally passes value and reason on, waits for what it returns, and its own error wins.
const log = [];
log.push(await Promise.resolve(1).finally(() => 2));
try {
  await Promise.reject(new Error('kept')).finally(() => 'ignored');
} catch (e) {
  log.push(e.message);
}
try {
  await Promise.resolve(1).finally(() => {
    throw new Error('from finally');
  });
} catch (e) {
  log.push(e.message);
}
const t = [];
await Promise.resolve('v').finally(() => new Promise((r) => setTimeout(() => (t.push('waited'), r()), 3))).then((v) => t.push(v));
log.push(t.join('>'));
Promise.resolve().finally((...args) => log.push('args ' + args.length));
log.push(await Promise.resolve(7).finally(undefined));
await null;
console.log(log.join(' | '));
