// structuredClone: kinds, cycles, what it refuses.
const src = { n: 1, d: new Date(5), r: /x/gi, m: new Map([['k', { v: 1 }]]), s: new Set([1, 'a']), a: [1, , 3], u: undefined, nested: { deep: [true, null] }, b: new Uint8Array([1, 2, 3]) };
src.self = src;
const c = structuredClone(src);
console.log(c !== src, c.self === c, c.d instanceof Date && c.d.getTime(), c.r.source + c.r.flags, c.m.get('k').v, c.m !== src.m, [...c.s].join(), 1 in c.a, c.a.length, 'u' in c, JSON.stringify(c.nested), c.b.join());
const e = structuredClone(new RangeError('r', { cause: { why: 1 } }));
console.log(e instanceof RangeError, e.message, structuredClone('x'), structuredClone(null), structuredClone(undefined), Object.is(structuredClone(-0), -0), structuredClone(Object(5)) + 1);
class K {
  constructor() {
    this.v = 1;
  }
}
console.log(structuredClone(new K()) instanceof K, structuredClone(new K()).v);
for (const bad of [() => 1, { f() {} }, Symbol('s'), new WeakMap(), Promise.resolve()]) {
  try {
    structuredClone(bad);
    console.log('no error');
  } catch (err) {
    console.log(err.name, err instanceof DOMException);
  }
}
