const A = class { static m() { return 1; } };
const B = class extends A { static v = super.m(); };
console.log(B.v);
