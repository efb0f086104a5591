function* g() { for (let i = 0; i < 3; i++) { try { if (i === 1) continue; yield i; } finally { yield 'f' + i; } } lbl: for (const a of [1, 2]) { for (const b of [1, 2]) { if (b === 2) continue lbl; yield a + '' + b; } } }
console.log([...g()].join());
function* sw(x) { switch (x) { case 1: yield 'one'; case 2: yield 'two'; break; default: yield 'other'; } } console.log([...sw(1), ...sw(2), ...sw(3)].join());
