class Money { constructor(n) { this.n = n; } [Symbol.toPrimitive](hint) { return hint === 'string' ? `$${this.n}` : this.n; } }
const m = new Money(5); console.log(`${m}`, m + 1, m * 2, m > 4);
class V { valueOf() { return 42; } toString() { return 'vv'; } } const v = new V(); console.log(v + 1, `${v}`, v + '', v == 42, [v].join());
class J { toJSON(k) { return 'json:' + k; } } console.log(JSON.stringify({ a: new J(), b: [new J()] }));
