class A { constructor(x) { this.x = x; } get double() { return this.x * 2; } set double(v) { this.x = v / 2; } m() { return 'm' + this.x; } static s() { return 's'; } ['comp' + 'uted']() { return 'c'; } }
const a = new A(4);
a.double = 20;
console.log(a.x, a.double, a.m(), A.s(), a.computed(), typeof A, A.name, A.length);
console.log(Object.keys(a).join(), Object.keys(A.prototype).length, Object.getOwnPropertyNames(A.prototype).join());
for (const k in a) console.log(k);
console.log(a.constructor === A, A.prototype.constructor === A, a instanceof A);
try { A(); } catch (e) { console.log(e.name + ': ' + e.message); }
try { A.call({}); } catch (e) { console.log(e.name); }
console.log(JSON.stringify(Object.getOwnPropertyDescriptor(A, 'prototype')).includes('"writable":false'));
console.log(Object.getOwnPropertyDescriptor(A.prototype, 'm').enumerable, Object.getOwnPropertyDescriptor(A, 's').enumerable);
