const seen = [];
outer: for (let i = 0; i < 4; i++) { for (let j = 0; j < 4; j++) { await null; const f = () => i * 10 + j; if (j === 2) continue outer; if (i === 3) break outer; seen.push(f()); } }
console.log(seen.join());
block: { await null; if (seen.length) break block; console.log('unreached'); }
let k = 0; do { await null; k++; if (k === 2) continue; if (k > 3) break; } while (k < 10); console.log(k);
