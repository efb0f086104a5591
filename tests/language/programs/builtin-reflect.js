// Reflect's functions, with receivers and new targets.
const o = {
  x: 1,
  get y() {
    return this.x + 10;
  },
  set z(v) {
    this.x = v;
  },
};
const r = { x: 100 };
console.log(Reflect.get(o, 'y'), Reflect.get(o, 'y', r), Reflect.get(o, 'nope', r), Reflect.set(o, 'z', 5), o.x, Reflect.set(o, 'z', 7, r), r.x, o.x);
console.log(Reflect.set(o, 'w', 1, r), r.w, 'w' in o, Reflect.set(Object.freeze({ a: 1 }), 'a', 2), Reflect.has(o, 'x'), Reflect.ownKeys({ b: 1, 1: 2, [Symbol.iterator]: 3 }).map(String).join());
class A {
  constructor(v) {
    this.v = v;
    this.t = new.target.name;
  }
}
console.log(Reflect.construct(A, [5]).v, Reflect.apply(Math.max, null, [1, 3, 2]), Reflect.defineProperty({}, 'a', { value: 1 }), Reflect.deleteProperty({ a: 1 }, 'a'), Reflect.getPrototypeOf([]) === Array.prototype, Reflect.isExtensible(Object.freeze({})), Reflect.preventExtensions({}), Reflect.setPrototypeOf({}, null));
class B extends A {}
const b = new B(3);
console.log(b.v, b.t, Reflect.has(b, 'v'), Reflect.getOwnPropertyDescriptor(o, 'x').value);
