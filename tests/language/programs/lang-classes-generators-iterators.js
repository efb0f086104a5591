class Tree { constructor(v, l, r) { this.v = v; this.l = l; this.r = r; } *[Symbol.iterator]() { if (this.l) yield* this.l; yield this.v; if (this.r) yield* this.r; } static *range(a, b) { for (let i = a; i < b; i++) yield i; } *entries() { let i = 0; for (const v of this) yield [i++, v]; } }
const t = new Tree(2, new Tree(1), new Tree(3));
console.log([...t].join(), [...Tree.range(5, 8)].join(), [...t.entries()].map(String).join(';'));
