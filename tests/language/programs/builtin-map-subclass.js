// Map and Set can be extended; the constructor uses the overridden adder.
class Counter extends Map {
  add(k) {
    return this.set(k, (this.get(k) || 0) + 1);
  }
}
const c = new Counter();
for (const w of 'to be or not to be'.split(' ')) c.add(w);
console.log(JSON.stringify([...c]), c instanceof Map, c instanceof Counter);
class Upper extends Set {
  add(v) {
    return super.add(String(v).toUpperCase());
  }
}
console.log([...new Upper(['a', 'b', 'A'])].join());
