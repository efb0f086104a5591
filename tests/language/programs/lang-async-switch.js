async function f(x) { switch (x) { case 1: await null; return 'one'; case 2: { const y = await Promise.resolve('two'); return y; } case 3: await null; default: return 'three or more'; } }
for (const x of [1, 2, 3, 4]) console.log(await f(x));
