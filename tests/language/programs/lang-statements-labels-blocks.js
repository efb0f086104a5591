// Labels on blocks, nested functions, same label reused.
a: { console.log('in'); if (true) break a; console.log('no'); } a: for (;;) { break a; } b: c: d: for (const x of [1, 2]) { if (x === 1) continue c; console.log(x); break b; }
outer: for (let i = 0; i < 3; i++) { inner: for (let j = 0; j < 3; j++) { if (j === 1) continue outer; if (i === 2) break outer; console.log(i, j); } }
const f = () => { x: try { break x; } finally { console.log('fin'); } y: { try { return 'r'; } finally { break y; } } return 'after y'; }; console.log(f());
l: if (1) { for (const q of [1]) { break l; } } z: switch (1) { case 1: for (;;) break z; } yield_: for (;;) { (() => { yield_: for (;;) break yield_; })(); break; }
async function g() { k: for (let i = 0; i < 3; i++) { for await (const v of [1, 2]) { if (i === 0) continue k; if (i === 2) break k; console.log('await', i, v); await null; } } } await g();
lbl: function lf() {} console.log(typeof lf); $: { break $; } é: { break é; } n: null; n: ({}); m: [1];
