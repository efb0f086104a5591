// What may be awaited.
const thenable = { then: (f) => setTimeout(f, 1, 'thenable') };
const values = [1, 'a', null, undefined, [1], { a: 1 }, () => 2, Symbol.iterator, NaN, thenable, Promise.resolve('p'), (async () => 'async')()];
const out = [];
for (const v of values) out.push(typeof (await v));
console.log(out.join());
console.log(await (await (await 5)), (await [1, 2]).length, -(await 3), !(await false), `${await 't'}`, [await 1, await 2].join(), { k: await 'v' }.k);
console.log((await Promise.resolve({ f: (x) => x + 1 })).f(await 1), (await null) ?? 'nullish', (await { a: { b: 2 } })?.a?.b);
