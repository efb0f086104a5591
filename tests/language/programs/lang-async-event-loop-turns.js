const log = [];
setTimeout(() => { log.push('t1'); Promise.resolve().then(() => log.push('t1 micro')); }, 0);
setTimeout(() => log.push('t2'), 0);
await new Promise((r) => setTimeout(r, 10));
console.log(log.join(', '));
const iv = []; let count = 0;
await new Promise((r) => { const h = setInterval(() => { iv.push(++count); if (count === 3) { clearInterval(h); r(); } }, 1); });
console.log(iv.join());
