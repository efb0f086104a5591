async function f() { await null; return arguments.length + ':' + [].join.call(arguments, '-'); }
console.log(await f(1, 2, 3));
function outer() { const g = async () => { await null; return arguments[1]; }; return g('inner0', 'inner1'); }
console.log(await outer('a', 'b'));
const o = { async m() { const first = arguments[0]; await null; return [first, arguments.length, (() => arguments[2])()].join(); } };
console.log(await o.m(7, 8, 9));
async function h(a, b = 2) { arguments[0] = 'changed'; return a + b + arguments.length; }
console.log(await h(1));
function plain() { return [1, 2].map(() => arguments[0]).join(); }
console.log(plain('p'));
