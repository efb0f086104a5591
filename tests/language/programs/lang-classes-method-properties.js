class A { m(a, b = 1, ...c) {} static s() {} get g() { return 1; } async am() {} *gm() {} }
console.log(A.prototype.m.name, A.s.name);
try { new (new A().m)(); } catch (e) { console.log(e.name); }
const { m } = new A(); console.log(typeof m, (function () { return this; }).call(7) instanceof Number);
class S { strict() { return this; } } const { strict } = new S(); console.log(strict());
class U { test() { undeclaredInClass = 1; } } try { new U().test(); } catch (e) { console.log(e.name); }
