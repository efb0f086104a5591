// Prototypes, instanceof, toString tags, __proto__.
class A {}
class B extends A {}
const b = new B();
console.log(b instanceof A, Object.getPrototypeOf(B) === A, A.prototype.isPrototypeOf(b), b.constructor.name, Object.prototype.toString.call(b));
const tags = [[], {}, null, undefined, 1, 'a', true, () => {}, /x/, new Date(0), new Error('e'), Math, JSON, Symbol('x'), new Map(), new Set(), Promise.resolve(), new Uint8Array(1), new ArrayBuffer(1), (function () { return arguments; })()];
console.log(tags.map((t) => Object.prototype.toString.call(t).slice(8, -1)).join());
const p = Object.create({ inherited: 'yes' });
console.log(p.inherited, Object.keys(p).length, {}.__proto__ === Object.prototype, 'toString' in p, p.hasOwnProperty('inherited'));
console.log(Object.setPrototypeOf({}, null) instanceof Object, typeof Object.create(null).toString);
class Tagged {
  get [Symbol.toStringTag]() {
    return 'T';
  }
}
console.log(String(new Tagged()));
