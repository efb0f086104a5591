const o = { a: 1, get g() { return 'got'; }, [Symbol.for('s')]: 's' }; const c = { z: 0, ...o, a: 2, ...null, ...undefined, ...'hi', ...[9] };
console.log(JSON.stringify(c), c[Symbol.for('s')], Object.getOwnPropertyDescriptor(c, 'g').value);
console.log([...'ab', ...[1, [2]], ...new Set([3]), ...(function* () { yield 4; })()].join(), [...[, 1]].length, 0 in [...[, 1]]);
function f(a, ...r) { return a + ':' + r.join('|') + f.length; } console.log(f(...[1, 2], 3, ...'xy'), f.apply(null, [7]), Math.min(...[3, 1, 2]));
console.log(new Date(...[2020, 1, 2]).getMonth(), new (class { constructor(...a) { this.n = a.length; } })(...[1, 2, 3]).n); const m = { f(...a) { return this === m && a.length; } }; console.log(m.f(...[1, 2]), m['f'](...[1]));
const proto = { inherited: 1 }; console.log(Object.keys({ ...Object.create(proto, { own: { value: 2, enumerable: true }, hid: { value: 3 } }) }).join()); const big = Array.from({ length: 2000 }, (_, i) => i); console.log(Math.max(...big), [...big, ...big].length);
console.log(JSON.stringify({ ...{ __proto__: { x: 1 } } }), ((...[a, b]) => a + b)(1, 2));
