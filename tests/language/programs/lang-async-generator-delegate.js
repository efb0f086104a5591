async function* inner() { const x = yield 'i1'; console.log('inner got', x); yield 'i2'; return 'inner result'; }
async function* outer() { const r = yield* inner(); console.log('r', r); yield* [10, Promise.resolve(11)]; yield* (function* () { yield 's'; })(); }
const it = outer();
console.log((await it.next()).value); console.log((await it.next('hello')).value);
for await (const v of it) console.log(v);
