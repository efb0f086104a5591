const r = await (async () => { const inner = await (async (x) => { await null; return x * 2; })(4); return inner + 1; })();
console.log(r);
async function fib(n) { if (n < 2) return n; return await fib(n - 1) + await fib(n - 2); }
console.log(await fib(10));
async function deep(n) { return n === 0 ? 0 : 1 + await deep(n - 1); }
console.log(await deep(200));
