// ++ and -- on every kind of reference and value.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
let a = '5', b = true, c = null, d, e = 'x', f = [7], g = { valueOf: () => 3 };
console.log(a++, a, b++, b, c--, c, d++, d, ++e, f++, f, --g, g);
const o = { n: 1, get x() { console.log('get'); return '4'; }, set x(v) { console.log('set', v); } };
console.log(o.x++, ++o.x, o['n']--, o.n, o.n++, o.n);
let i = 0; const arr = [10, 20, 30];
console.log(arr[i++]++, arr[i++]--, arr[i]++, i, arr.join());
console.log(t(() => { const k = 1; k++; }), t(() => { 'use strict'; undeclaredVar++; }));
