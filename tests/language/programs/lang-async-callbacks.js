const out = [];
await Promise.all([3, 1, 2].map(async (n) => { await new Promise((r) => setTimeout(r, n * 15)); out.push(n); }));
console.log(out.join());
[1, 2].forEach(async (n) => { await null; out.push('f' + n); });
await null; await null;
console.log(out.join());
const sum = await [1, 2, 3].reduce(async (acc, n) => (await acc) + n, Promise.resolve(0));
console.log(sum);
