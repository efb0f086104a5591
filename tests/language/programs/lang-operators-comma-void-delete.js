// comma, void, delete in all their forms.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
console.log((1, 2, 3), void 0, void 'x', (console.log('side'), 4));
const o = { a: 1, b: { c: 2 }, get g() { return 1; } };
console.log(delete o.a, delete o.zzz, delete o.b.c, delete o.g, JSON.stringify(o), delete 1, delete (1, o.b), 'b' in o, delete o?.b, 'b' in o, delete undefined?.x);
const fr = Object.freeze({ q: 1 });
console.log(delete fr.q, t(() => { 'use strict'; delete fr.q; }), t(() => { 'use strict'; delete Object.prototype; }), delete [].length, delete Math.PI);
const arr = [1, 2, 3]; delete arr[1]; console.log(1 in arr, arr.length, delete arr[9]);
console.log(t(() => { delete null.x; }), t(() => { delete undefined[Symbol.iterator]; }), delete new Object().x, delete this.nope);
for (var i = 0, j = 10; i < j; i += 3, j -= 2); console.log(i, j);
