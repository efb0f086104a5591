// toPrimitive, toStringTag, hasInstance, iterator, species of own classes.
class Temp {
  constructor(c) {
    this.c = c;
  }
  [Symbol.toPrimitive](hint) {
    return hint === 'string' ? `${this.c}°` : hint === 'number' ? this.c : 'd' + this.c;
  }
  get [Symbol.toStringTag]() {
    return 'Temp';
  }
  *[Symbol.iterator]() {
    for (let i = 0; i < this.c; i++) yield i;
  }
}
const t = new Temp(3);
console.log(`${t}`, +t, t + '', t * 2, t > 2, [...t].join(), Object.prototype.toString.call(t), JSON.stringify(t), new Date(new Temp(5)).getTime(), [10, 20, 30][new Temp(1)], Math.max(t, 1));
const range = { from: 1, to: 4, [Symbol.iterator]: function () {
  let c = this.from;
  const to = this.to;
  return { next: () => (c <= to ? { done: false, value: c++ } : { done: true, value: undefined }) };
} };
console.log(Math.max(...range), Array.from(range, (x) => x * x).join(), new Set(range).size, Object.fromEntries([...range].map((x) => [x, x])).length, [...range].reverse().join());
try {
  +{ [Symbol.toPrimitive]: () => ({}) };
} catch (e) {
  console.log(e.name);
}
