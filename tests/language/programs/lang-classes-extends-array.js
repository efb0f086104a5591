class Stack extends Array { peek() { return this[this.length - 1]; } static of2(a, b) { return new this(a, b); } get last() { return this.peek(); } }
const s = new Stack();
s.push(1, 2, 3);
console.log(s.length, s.peek(), s.last, Array.isArray(s), s instanceof Stack, s instanceof Array, s.join('-'));
const m = s.map((x) => x * 2);
console.log(m instanceof Stack, m.peek(), s.filter((x) => x > 1) instanceof Stack, s.slice(1).last, s.concat([9]).last);
console.log(new Stack(5).length, Stack.of2(7, 8).peek(), Stack.from([4, 5]).last, Stack.of(1, 2).last, JSON.stringify(s));
s.length = 1; console.log(s.peek(), [...s].length, Object.prototype.toString.call(s));
class Limited extends Array { constructor(n) { super(); this.limit = n; } push(...xs) { for (const x of xs) if (this.length < this.limit) super.push(x); return this.length; } }
const l = new Limited(2); l.push(1, 2, 3, 4); console.log(l.length, l.limit, l.join());
class NoSpecies extends Array { static get [Symbol.species]() { return Array; } }
const n = new NoSpecies(); n.push(1); console.log(n.map((x) => x) instanceof NoSpecies, n.map((x) => x) instanceof Array);
