// Typed arrays have the array methods.
const t = Int32Array.from([5, 1, 4, 1, 3]);
console.log(t.map((x) => x * 2).join(), t.filter((x) => x > 2).join(), t.reduce((a, b) => a + b), t.indexOf(1), t.lastIndexOf(1), t.includes(4), t.find((x) => x > 4), t.findIndex((x) => x === 4), t.at(-1), t.some((x) => x > 4), t.every((x) => x > 0));
console.log(t.slice(1, 3).join(), t.subarray(1, 3).join(), [...t].join(), [...t.entries()].length, [...t.keys()].join(), t.fill(7, 1, 3).join(), t.reverse().join(), t.findLast((x) => x === 7), t.toString());
console.log(Float64Array.of(3, NaN, -0, 0, -1, Infinity).sort().join(), new Uint8Array([10, 9, 100]).sort().join(), new Uint8Array([1, 2, 3]).sort((a, b) => b - a).join());
const c = new Uint8Array([1, 2, 3, 4, 5]);
c.copyWithin(0, 3);
c.set([9, 8], 1);
console.log(c.join(), c.join('-'), c.map((x) => x * 100).join(), Object.prototype.toString.call(c), c.constructor.name, c instanceof Uint8Array, JSON.stringify(c), Uint8Array.from('123', Number).join(), Uint8Array.name);
let s = 0;
for (const v of c) s += v;
c.forEach((v, i) => (s += i));
console.log(s, new Uint8Array(c).join(), c.slice().buffer !== c.buffer, c.subarray(1).buffer === c.buffer);
