// typeof everything, also of undeclared names and revoked proxies.
class C {}
const r = Proxy.revocable(function () {}, {}); r.revoke();
const values = { u: undefined, n: null, b: true, num: 1, s: '', sym: Symbol(), o: {}, a: [], f() {}, arrow: () => 1, C, d: new Date(), re: /x/, p: new Proxy({}, {}), pf: new Proxy(() => 1, {}), rv: r.proxy, gen: function* () {}, it: (function* () {})(), pr: Promise.resolve(), m: Math, j: JSON, bound: C.bind(null), bs: Object(''), af: async () => 1 };
for (const k in values) console.log(k, typeof values[k]);
console.log(typeof undeclaredThing, typeof undeclaredThing === 'undefined', typeof typeof 1, typeof void 0);
let caught;
try { typeof later; let later = 1; } catch (e) { caught = e.name; }
console.log(caught);
