class Counter extends Map { inc(k) { return this.set(k, (this.get(k) ?? 0) + 1); } get total() { let t = 0; for (const v of this.values()) t += v; return t; } }
const c = new Counter([['a', 5]]); c.inc('a').inc('b');
console.log(c.size, c.get('a'), c.total, c instanceof Map, [...c].map(([k, v]) => k + v).join());
class Tags extends Set { add(v) { return super.add(String(v).toLowerCase()); } }
const t = new Tags(['A', 'a', 'B']); t.add('C'); console.log(t.size, [...t].join(), t.has('c'));
class W extends WeakMap { getOr(k, d) { return this.has(k) ? this.get(k) : d; } } const k = {}; const w = new W([[k, 1]]); console.log(w.getOr(k, 0), w.getOr({}, 'd'));
class D extends Date { year() { return this.getUTCFullYear(); } } console.log(new D(0).year(), new D(0) instanceof Date);
class R extends RegExp { has(s) { return this.test(s); } } console.log(new R('a+', 'i').has('xAAx'), new R('b') instanceof RegExp);
class F extends Function {} console.log(new F('a', 'return a + 1')(2));
class U extends Uint8Array { sum() { return this.reduce((a, b) => a + b, 0); } } console.log(new U([1, 2, 3]).sum(), new U(2).length);
class N extends Number { plus(x) { return this + x; } } console.log(new N(4).plus(1));
class O extends Object { constructor(x) { super(); this.x = x; } } console.log(new O(3).x, new O(1) instanceof O);
