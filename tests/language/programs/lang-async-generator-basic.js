async function* g() { yield 1; await null; yield Promise.resolve(2); try { yield 3; } finally { console.log('cleanup'); } }
for await (const x of g()) console.log(x);
for await (const x of g()) { if (x === 3) break; }
const it = g();
console.log(JSON.stringify(await it.next()), JSON.stringify(await it.return('r')), JSON.stringify(await it.next()));
console.log(Object.prototype.toString.call(it), typeof it[Symbol.asyncIterator], it[Symbol.asyncIterator]() === it);
