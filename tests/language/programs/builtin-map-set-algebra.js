// Larger Map and Set work: inversion, union, LRU, counting, nested maps.
const text = 'the quick brown fox jumps over the lazy dog the end';
const counts = new Map();
for (const w of text.split(' ')) counts.set(w, (counts.get(w) || 0) + 1);
console.log(JSON.stringify([...counts].filter(([, n]) => n > 1)), [...counts.keys()].length);
const inverted = new Map([...counts].map(([k, v]) => [v, k]));
console.log(JSON.stringify([...inverted]));
class LRU {
  constructor(n) {
    this.n = n;
    this.m = new Map();
  }
  get(k) {
    if (!this.m.has(k)) return undefined;
    const v = this.m.get(k);
    this.m.delete(k);
    this.m.set(k, v);
    return v;
  }
  set(k, v) {
    this.m.delete(k);
    this.m.set(k, v);
    if (this.m.size > this.n) this.m.delete(this.m.keys().next().value);
  }
}
const l = new LRU(2);
l.set('a', 1);
l.set('b', 2);
l.get('a');
l.set('c', 3);
console.log([...l.m.keys()].join(), l.get('b'));
const nested = new Map([['x', new Map([['y', new Set([1, 2])]])]]);
console.log([...nested.get('x').get('y')].join(), nested.get('q')?.get('y'));
const objKeys = [{ id: 1 }, { id: 2 }];
const meta = new Map(objKeys.map((o) => [o, o.id * 10]));
console.log(objKeys.map((o) => meta.get(o)).join(), meta.has({ id: 1 }));
