// Equal deadlines fire in the order of being set; shorter ones first.
const log = [];
setTimeout(() => log.push('c'), 12);
setTimeout(() => log.push('a1'), 1);
setTimeout(() => log.push('b'), 6);
setTimeout(() => log.push('a2'), 1);
setTimeout(() => log.push('a0'), 0);
await new Promise((r) => setTimeout(r, 25));
console.log(log.join(' '));
