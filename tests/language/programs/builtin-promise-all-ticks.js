// How many ticks the combinators take.
const log = [];
const mark = (name) => (v) => log.push(name);
Promise.all([]).then(mark('all-empty'));
Promise.all([1]).then(mark('all-one'));
Promise.race([1]).then(mark('race'));
Promise.allSettled([1]).then(mark('settled'));
Promise.any([1]).then(mark('any'));
let c = Promise.resolve();
for (let i = 1; i <= 6; i++) c = c.then(mark(i));
await new Promise((r) => setTimeout(r, 2));
console.log(log.join(' '));
