// for-in: order, shadowing, inheritance, deletion and addition while running.
const proto = { p: 1, shadow: 2, 5: 'five' }; const o = Object.create(proto, { hidden: { value: 1, enumerable: false } });
o.b = 1; o.a = 2; o[10] = 3; o[2] = 4; o[Symbol('s')] = 5; o['-1'] = 6; o['01'] = 7;
let r = []; for (const k in o) r.push(k); console.log(r.join());
r = []; for (const k in 'héy') r.push(k); for (const k in [1, , 3]) r.push(k); for (const k in null) r.push('no'); for (const k in undefined) r.push('no'); for (const k in 5) r.push('no'); console.log(r.join());
const d = { a: 1, b: 2, c: 3 }; r = []; for (const k in d) { r.push(k); delete d.b; d.z = 1; } console.log(r.join());
let obj = {}; for (obj.k in { x: 1, y: 2 }); console.log(obj.k); for (var [first] in { hello: 1, w: 2 }) console.log(first); let last; for (last in [7, 8]); console.log(last, typeof last);
for (let k in { q: 1 }) setTimeout(() => console.log('later', k)); const cl = []; for (const k in { a: 1, b: 2 }) cl.push(() => k); console.log(cl.map((f) => f()).join());
class A { m() {} get g() { return 1; } static s() {} f = 1; } r = []; for (const k in new A()) r.push(k); for (const k in A) r.push(k); console.log(r.join());
await null;
