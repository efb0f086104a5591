// Reactions run in the order in which they were registered, after the synchronous code.
const log = [];
const p = Promise.resolve(1);
p.then(() => log.push('a'));
p.then(() => log.push('b')).then(() => log.push('d'));
p.then(() => log.push('c'));
log.push('sync');
await p;
await null;
await null;
console.log(log.join(' '));
