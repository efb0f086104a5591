// Resolving with a native promise takes two more ticks, with a plain value none.
const log = [];
const slow = new Promise((resolve) => resolve(Promise.resolve('slow')));
const fast = new Promise((resolve) => resolve('fast'));
slow.then((v) => log.push(v));
fast.then((v) => log.push(v));
let chain = Promise.resolve();
for (let i = 1; i <= 5; i++) chain = chain.then(() => log.push(i));
await new Promise((resolve) => setTimeout(resolve, 2));
console.log(log.join(' '));
