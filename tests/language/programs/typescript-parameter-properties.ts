// TypeScript: parameter properties.
class P { constructor(public a: number, private readonly b = 2, protected c?: string) {} sum() { return this.a + this.b + (this.c ?? ''); } } class Q extends P { constructor() { super(1, 5); } d = this.a; } console.log(new P(1).sum(), new P(1, 2, 'x').sum(), new Q().d, Object.keys(new P(1)).join());
