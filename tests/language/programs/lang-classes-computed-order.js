const log = []; const k = (n) => { log.push(n); return n; };
class A { [k('a')]() {} get [k('c')]() { return 1; } [k('d')] = 1; static [k('e')] = 2; }
console.log(log.join(), Object.getOwnPropertyNames(A.prototype).join(), A.e, new A().d);
