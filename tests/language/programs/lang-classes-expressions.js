const A = class { who() { return 'anon ' + A.name; } };
const B = class Named { who() { return Named.name; } static self() { return Named === B; } };
console.log(new A().who(), new B().who(), B.self(), B.name, typeof Named);
const o = { C: class {}, ['D' + 1]: class {} };
console.log(o.C.name, (class {}).name === '', (class X {}).name);
const mixin = (Base) => class extends Base { mixed() { return 'mixed ' + super.who(); } };
console.log(new (mixin(A))().mixed());
const classes = [1, 2].map((n) => class { get n() { return n; } static n = n * 10; });
console.log(classes.map((K) => new K().n + K.n).join());
