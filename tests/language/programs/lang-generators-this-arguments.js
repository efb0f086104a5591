const o = { n: 3, *g() { for (let i = 0; i < this.n; i++) yield i + arguments.length; } };
console.log([...o.g('a', 'b')].join());
function* args() { yield* arguments; yield (() => arguments[0])(); } console.log([...args(1, 2)].join());
class C { constructor() { this.v = 'v'; } *g() { const f = () => this.v; yield f(); yield* this.h(); } *h() { yield this.v + '2'; } static *s() { yield this.name; } }
console.log([...new C().g()].join(), [...C.s()].join());
