// for loops in every shape.
let s = ''; for (;;) { if (s.length > 3) break; s += 'x'; } console.log(s);
for (var i = 0, n = 3; i < n; i++); console.log(i, n);
for (let i = 0, j = 5; i < j; i++, j--) s += i + '' + j; console.log(s);
let k; for (k = 0; k < 2; k++) {} console.log(k); for (const c = 1; k < 4; k++) s += c; console.log(s.slice(-2));
const fs = []; for (let i = 0; i < 3; fs.push(() => i), i++) {} console.log(fs.map((f) => f()).join());
const gs = []; for (let i = 0; gs.push(() => i), i < 2; i++) {} console.log(gs.map((f) => f()).join());
for (let i = 0, get = () => i; i < 2; i++) { console.log(get(), i); }
for (const { a, b = 2 } = { a: 1 }; k < 5; k++) console.log(a, b); for (let [x, y] = [1, 2]; x < 3; x++) console.log(x + y);
do s = 'once'; while (false); console.log(s); let w = 3; while (w --> 0) if (w === 1) continue; else console.log('w', w);
for (let i = 0; i < 2; i++) { let i = 'inner'; s = i; } console.log(s); try { for (const q = 0; q < 2; q++) {} } catch (e) { console.log(e.name); }
