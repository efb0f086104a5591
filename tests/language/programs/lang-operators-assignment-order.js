// Left before right, keys before values, getters once.
const log = []; const L = (x, v) => (log.push(x), v);
const o = { a: 1 };
L('obj', o)[L('key', 'a')] = L('val', 2);
L('obj2', o)[L('key2', 'a')] += L('val2', 2);
L('obj3', o)[L('key3', 'z')] ??= L('val3', 2);
L('obj4', o)[L('key4', 'z')] ??= L('no', 2);
const [p = L('dp', 1), { q = L('dq', 2) } = L('dobj', {})] = L('src', [undefined]);
console.log(log.join(), JSON.stringify(o), p, q);
let x = 1; x += (x = 5, x); console.log(x); x = 1; x = x++ + ++x; console.log(x); let i = 0; const ar = []; ar[i] = i = 2; console.log(JSON.stringify(ar), i);
try { null[L('k')] = L('v'); } catch (e) { console.log(e.name, log.slice(-2).join()); }
try { undefinedFn(L('arg')); } catch (e) { console.log(e.name, log[log.length - 1]); }
const f = { m() { return this === f; } }; console.log((f.m)(), (0, f.m)() , (f?.m)());
let fnv = (a, b) => `${a}${b}`; let n = 0; console.log(fnv(n++, n++), fnv(n, n = 9), [n++, n++].join());
