// Descriptors, hasOwn, accessors, freezing.
const o = {
  a: 1,
  get b() {
    return this.a + 1;
  },
  set b(v) {
    this.a = v;
  },
};
const d = Object.getOwnPropertyDescriptors(o);
console.log(d.a.value, d.a.writable, typeof d.b.get, typeof d.b.set, d.b.enumerable);
const copy = Object.defineProperties({}, d);
copy.b = 10;
console.log(copy.b, o.b, Object.hasOwn(o, 'a'), Object.hasOwn(o, 'toString'), Object.hasOwn([1], 0), Object.hasOwn('abc', 'length'));
const f = Object.freeze({ n: { m: 1 } });
f.n.m = 2;
console.log(Object.isFrozen(f), f.n.m, Object.isSealed(Object.seal({})), Object.isExtensible(Object.preventExtensions({})));
const e = Object.defineProperty({}, 'x', { value: 1 });
console.log(Object.keys(e).length, e.x, JSON.stringify(e), JSON.stringify(Object.getOwnPropertyDescriptor(e, 'x')));
try {
  Object.hasOwn(null, 'x');
} catch (err) {
  console.log(err.name);
}
