const fns = [];
for (let i = 0; i < 3; i++) { await null; fns.push(async () => { await null; return i; }); }
for (const k of ['a', 'b']) { const v = await Promise.resolve(k + k); fns.push(() => v); }
for (const k in { x: 1, y: 2 }) { await null; fns.push(() => k); }
let n = 0; while (n < 2) { const m = n; await null; fns.push(() => m); n++; }
const r = []; for (const f of fns) r.push(await f());
console.log(r.join());
