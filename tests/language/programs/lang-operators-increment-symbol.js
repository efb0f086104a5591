// Errors of ++ on symbols and frozen things.
'use strict';
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
let s = Symbol();
const fr = Object.freeze({ n: 1 });
const ro = { get n() { return 1; } };
console.log(t(() => s++), t(() => fr.n++), t(() => ro.n++), t(() => 'abc'.length++), t(() => null.x++), t(() => fr.missing++));
console.log(fr.n, ro.n, typeof s);
