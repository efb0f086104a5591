// Long chains, deep nesting, many promises at once.
let p = Promise.resolve(0);
for (let i = 0; i < 500; i++) p = p.then((v) => v + 1);
console.log(await p);
const nest = (n) => (n === 0 ? Promise.resolve('bottom') : Promise.resolve().then(() => nest(n - 1)));
console.log(await nest(100));
const rec = async (n) => (n === 0 ? 0 : 1 + (await rec(n - 1)));
console.log(await rec(300));
const many = await Promise.all(Array.from({ length: 300 }, (_, i) => new Promise((r) => setTimeout(r, i % 7, i))));
console.log(many.length, many.every((v, i) => v === i));
const settled = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => (i % 3 ? Promise.resolve(i) : Promise.reject(i))));
console.log(settled.filter((s) => s.status === 'rejected').length);
