// Combinators over generators, Maps, strings, iterators that throw; which get closed.
function* gen(log) {
  try {
    yield 1;
    yield Promise.resolve(2);
    yield 3;
  } finally {
    log.push('closed');
  }
}
const log = [];
console.log((await Promise.all(gen(log))).join(), log.join());
console.log((await Promise.all('ab')).join(), JSON.stringify(await Promise.all(new Map([[1, 2]]))), (await Promise.all(new Set([5]).values())).join());
const throwing = { [Symbol.iterator]: () => ({ next() { throw new Error('next'); }, return() { log.push('never'); return {}; } }) };
await Promise.all(throwing).catch((e) => console.log(e.message));
const original = Promise.resolve;
Promise.resolve = () => { throw new Error('resolve'); };
const results = [];
for (const m of ['all', 'race', 'any', 'allSettled']) await Promise[m](gen(log)).catch((e) => results.push(m + ':' + e.message));
Promise.resolve = original;
console.log(results.join(), log.join());
for (const bad of [null, undefined, 1, {}]) await Promise.race(bad).catch((e) => console.log(e.name));
