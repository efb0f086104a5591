// finally takes as many ticks as the standard has it.
const log = [];
Promise.resolve().finally(() => {}).then(() => log.push('finally'));
Promise.reject(1).finally(() => {}).catch(() => log.push('finally-reject'));
let c = Promise.resolve();
for (let i = 1; i < 8; i++) c = c.then(() => log.push(i));
await new Promise((r) => setTimeout(r, 2));
console.log(log.join(' '));
