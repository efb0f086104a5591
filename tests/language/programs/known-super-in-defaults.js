// super(…) among the defaults of a constructor's parameters.
class A {} class B extends A { constructor(x = super()) { this.q = x === this; } }
try { console.log(new B().q); } catch (e) { console.log(e.name); }
