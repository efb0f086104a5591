let x = 'outer'; { let x = 'inner'; const f = () => x; { let x = 'deep'; console.log(x, f()); } } console.log(x);
function a() { const r = []; { let y = 1; r.push(() => y); } { let y = 2; r.push(() => y); } if (true) { let y; r.push(() => y); } return r.map((f) => String(f())).join(); } console.log(a());
const counter = (() => { let n = 0; return { inc: () => ++n, get n() { return n; } }; })(); counter.inc(); counter.inc(); console.log(counter.n); function p(q) { { let q = 'block'; } var r = q; { const q = 1; } return r; } console.log(p('param'));
try { let e = 'try'; throw 1; } catch (e) { { let e = 'shadow'; console.log(e); } console.log(e); } const e = 'after'; console.log(e); 
if (1) { function blockFn() { return 'block fn'; } } console.log(blockFn()); (function () { 'use strict'; { function inner() { return 1; } } console.log(typeof inner); })(); const z = 1; { const z = 2; { const z = 3; console.log(z); } console.log(z); } console.log(z);
