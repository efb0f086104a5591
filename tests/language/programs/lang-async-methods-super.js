class A { async m(x) { await null; return 'A' + x; } get p() { return 'prop'; } static async s() { return 'static A'; } }
class B extends A { async m(x) { await null; const r = await super.m(x); return r + 'B' + super.p; } async n() { const f = async () => { await null; return super.m('arrow'); }; return f(); } static async s() { return (await super.s()) + ' B'; } }
const b = new B();
console.log(await b.m(1), await b.n(), await B.s());
