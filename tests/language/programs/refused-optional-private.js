class A { #p = 1; static get(x) { return x?.#p; } }
console.log(A.get(null), A.get(new A()));
