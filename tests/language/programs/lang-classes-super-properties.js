class A { get v() { return 'A:' + this.tag; } set v(x) { this.stored = 'A set ' + x; } m() { return 'm' + this.tag; } static get sv() { return 'sv ' + this.name; } }
class B extends A { tag = 'b'; get v() { return 'B/' + super.v; } set v(x) { super.v = x + '!'; } m() { const k = 'm'; return [super.m(), super[k](), typeof super.nothing, super.m.name].join(); } static get sv() { return super.sv + '+'; } up() { super.fresh = 'made'; return this.fresh; } }
const b = new B(); b.v = 'x';
console.log(b.v, b.stored, b.m(), B.sv, b.up(), Object.keys(b).join());
const base = { hi() { return 'base ' + this.n; }, get p() { return 'p' + this.n; } };
const obj = { __proto__: base, n: 1, hi() { return 'obj/' + super.hi(); }, get p() { return super.p + '!'; }, arrow() { return (() => super.hi())(); } };
console.log(obj.hi(), obj.p, obj.arrow());
