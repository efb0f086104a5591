// new: what it returns, what cannot be constructed.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
function R(v) { this.a = 1; return v; } console.log(new R(5).a, new R({ b: 2 }).b, new R(null).a, new R([7])[0], typeof new R(() => 1), new R.prototype.constructor().a);
console.log(t(() => new (() => 1)()), t(() => new ({ m() {} }).m()), t(() => new 5()), t(() => new undefined()), t(() => new Math.max()), t(() => new (class { static m() {} }).m()));
function P() {} P.prototype = null; console.log(Object.getPrototypeOf(new P()) === Object.prototype); P.prototype = { k: 1 }; console.log(new P().k, new P() instanceof P, new P().constructor === Object); const B = R.bind(null, { bound: 1 }); console.log(new B().bound, 'prototype' in B);
console.log(new Array(2).length, new Object(null) instanceof Object, typeof new String('x'), new Date(0).getTime(), new new Function('this.q = 3')().q, t(() => Symbol.call({})) === 'x', t(() => new Symbol()), t(() => Promise()), t(() => Map()), t(() => (class {})()));
function NT() { return new.target === undefined ? 'call' : new.target === NT ? 'new' : 'sub'; } console.log(NT(), typeof new NT(), (function () { return (() => new.target)(); })()); class Sub extends Object { constructor() { super(); this.nt = new.target === Sub; } } console.log(new Sub().nt);
