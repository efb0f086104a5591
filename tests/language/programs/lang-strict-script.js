'use strict';
try { undeclared = 1; } catch (e) { console.log(e.name); }
console.log((function () { return this; })(), (() => typeof this)().length > 0);
try { Object.freeze([1]).push(1); } catch (e) { console.log(e.name); }
{ function inner() { return 'block scoped'; } console.log(inner()); }
console.log(typeof inner);
async function f() { await null; return this; }
console.log(await f());
function g(a) { arguments[0] = 'x'; return a; }
console.log(g('kept'));
