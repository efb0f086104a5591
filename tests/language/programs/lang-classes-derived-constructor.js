class A { constructor(v) { this.v = v; } }
class B extends A { constructor(flag) { if (flag) { super('flag'); } else { super('plain'); } const f = () => this.v; this.f = f(); } }
console.log(new B(true).f, new B(false).f);
class C extends A { constructor() { try { this.x = 1; } catch (e) { console.log(e.name); } const arrow = () => super('via arrow'); arrow(); this.after = 'ok'; } }
const c = new C(); console.log(c.v, c.after);
class D extends A { constructor() {} } try { new D(); } catch (e) { console.log(e.name + ': ' + e.message); }
class E extends A { constructor() { super(1); return { custom: true }; } } console.log(new E().custom, new E() instanceof E);
class F extends A { constructor() { super(1); try { super(2); } catch (e) { console.log(e.name); } } } console.log(new F().v);
class G extends A { constructor() { super(1); return 5; } } try { new G(); } catch (e) { console.log(e.name); }
class H extends A { constructor(...args) { const n = args.length; super(n); this.args = args; } } console.log(new H(1, 2, 3).v, new H('a').args.join());
class I extends A { constructor() { super(); return; } } console.log(new I() instanceof I);
