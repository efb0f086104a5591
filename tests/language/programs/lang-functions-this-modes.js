// this in sloppy, strict, arrow, method, call, bind.
function sl() { return this === globalThis ? 'global' : typeof this; } function st() { 'use strict'; return this === undefined ? 'undef' : typeof this; }
console.log(sl(), st(), sl.call(null), st.call(null), sl.call(5), st.call(5), sl.apply('s'), sl.bind(undefined)(), st.bind(1)());
const o = { m() { return this === o; }, a: () => typeof this, n: { m() { return this === o.n; } }, get g() { return this === o; } }; console.log(o.m(), o.n.m(), o.g, (0, o.m)(), (o.m)(), [o.m][0](), (o.m = o.m)());
class C { m() { return this; } static s() { return this === C; } } const { m } = new C(); console.log(m(), C.s(), new C().m() instanceof C); const b = sl.bind(1).bind('s'); console.log(b(), [1].map(sl).join(), [1].map(st).join(), [1].map(sl, 'x').join(), [1].map(st, 'x').join());
setTimeout(function () { console.log('timer', typeof this); }); await new Promise((r) => setTimeout(r, 1)); (() => { console.log(typeof (function () { return this; })()); })(); new (function () { console.log(this.constructor.name === '', Object.keys(this).length); })();
