// Computed names of static members are evaluated after those of the prototype.
const log = []; const k = (x) => (log.push(x), x);
class A { static [k('s1')]() {} [k('m1')]() {} static [k('s2')]() {} [k('m2')]() {} }
console.log(log.join());
