// switch: strict comparison, default in the middle, scope, fallthrough, evaluation order.
const f = (x) => { const r = []; switch (x) { case 1: r.push('1'); default: r.push('d'); case 2: r.push('2'); break; case 3: r.push('3'); } return r.join(''); };
console.log([1, 2, 3, 4, '1', NaN].map(f).join(' '));
const log = []; const v = (x) => (log.push(x), x);
switch (v(3)) { case v(1): case v(2): break; default: log.push('def'); case v(3): log.push('three'); case v(4): log.push('four'); }
console.log(log.join());
switch (1) { case 0: let q = 'a'; break; case 1: try { q; } catch (e) { console.log(e.name); } }
switch (1) { case 1: function hoisted() { return 'h'; } } console.log(hoisted());
switch (0) {} switch (0) { default: } switch (true) { case 1 > 2: console.log('no'); break; case 'a' === 'a': console.log('yes'); }
const g = (x) => { switch (typeof x) { case 'number': return 'n'; case 'string': return 's'; default: return '?'; } }; console.log(g(1), g(''), g());
out: for (const i of [1, 2, 3]) switch (i) { case 1: continue; case 2: continue out; case 3: break out; }
const fns = []; for (let i = 0; i < 3; i++) switch (i) { case 1: let k = i * 10; fns.push(() => k); break; default: let m = i; fns.push(() => m); } console.log(fns.map((h) => h()).join());
switch (NaN) { case NaN: console.log('nan'); break; default: console.log('not nan'); } switch (0) { case -0: console.log('zero'); }
