class Range { constructor(a, b, s = 1) { Object.assign(this, { a, b, s }); } [Symbol.iterator]() { let c = this.a; const { b, s } = this; return { next: () => (c < b ? { value: (c += s) - s, done: false } : { value: undefined, done: true }), [Symbol.iterator]() { return this; } }; } }
const r = new Range(0, 5, 2); console.log([...r].join(), Math.max(...r), Array.from(r, (x) => x * 2).join(), new Set(r).size, [...[...r].keys()].join());
const i = r[Symbol.iterator](); i.next(); console.log([...i].join()); const [, second] = r; console.log(second);
Object.defineProperty(Number.prototype, Symbol.iterator, { configurable: true, value: function* () { for (let i = 0; i < this; i++) yield i; } }); console.log([...3].join()); delete Number.prototype[Symbol.iterator];
