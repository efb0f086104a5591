// Wrappers and what methods of primitives see.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
console.log(typeof Object(1), typeof Object('s'), typeof Object(true), typeof Object(Symbol()), Object('ab').length, Object(1) === Object(1));
Number.prototype.self = function () { return typeof this; };
Number.prototype.strictSelf = function () { 'use strict'; return typeof this; };
console.log((5).self(), (5).strictSelf());
delete Number.prototype.self; delete Number.prototype.strictSelf;
const s = 'abc';
console.log(t(() => { 'use strict'; s.x = 1; }), t(() => { 'use strict'; s.length = 1; }), t(() => { 'use strict'; s[0] = 'z'; }), s.x, s);
console.log(Object.getOwnPropertyNames('ab').join(), Object.keys('ab').join(), '1' in Object('ab'), '2' in Object('ab'), 'length' in Object(''));
console.log(JSON.stringify(Object.getOwnPropertyDescriptor('ab', 0)), JSON.stringify(Object.getOwnPropertyDescriptor('ab', 'length')));
console.log(t(() => null.x), t(() => undefined.x), t(() => null[Symbol.iterator]), t(() => Object.keys(null)), t(() => Object.entries(undefined)), Object.keys(1).length);
const w = new String('xy'); w[5] = 'q'; w.foo = 1;
console.log(Object.keys(w).join(), w.length, t(() => { 'use strict'; w[0] = 1; }), delete w[5], t(() => { 'use strict'; delete w[0]; }));
console.log(Object(null) instanceof Object, typeof Object(undefined), new Object(1) instanceof Number, Boolean(new Boolean(false)));
