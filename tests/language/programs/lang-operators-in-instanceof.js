// `in`, `instanceof`, and their hooks.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
console.log('a' in { a: undefined }, 'toString' in {}, 0 in [1], 1 in [1], Symbol.iterator in [], 'x' in Object.create({ x: 1 }), t(() => 'a' in 'abc'), t(() => 'a' in 1), t(() => 'a' in null));
class A {} class B extends A {}
console.log(new B() instanceof A, new A() instanceof B, B instanceof Function, 1 instanceof Number, Object.create(null) instanceof Object, t(() => ({}) instanceof {}), t(() => ({}) instanceof (() => 1)), t(() => 1 instanceof (() => 1)));
class Even { static [Symbol.hasInstance](n) { return n % 2 === 0; } }
console.log(2 instanceof Even, 3 instanceof Even, 2 instanceof { [Symbol.hasInstance]: () => 'yes' }, t(() => 1 instanceof { [Symbol.hasInstance]: 1 }));
const bound = A.bind(null); console.log(new A() instanceof bound, Function.prototype[Symbol.hasInstance].call(A, new B()));
function F() {} F.prototype = 5; console.log(t(() => ({}) instanceof F), t(() => 1 instanceof F)); F.prototype = Array.prototype; console.log([] instanceof F);
console.log(Object.getOwnPropertyDescriptor(Function.prototype, Symbol.hasInstance).writable, Function.prototype[Symbol.hasInstance].name);
