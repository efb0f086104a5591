// A timer set by a timer fires later, however short.
const log = [];
setTimeout(() => {
  log.push('outer');
  setTimeout(() => log.push('inner'), 0);
}, 0);
setTimeout(() => log.push('second'), 0);
await new Promise((r) => setTimeout(r, 300));
console.log(log.join());
