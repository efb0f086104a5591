// toJSON of own classes, Dates in structures, replacer functions that see holders and keys.
class Money {
  constructor(a, c) {
    this.a = a;
    this.c = c;
  }
  toJSON(key) {
    return key === 'short' ? `${this.a}` : { amount: this.a.toFixed(2), currency: this.c };
  }
}
console.log(JSON.stringify({ price: new Money(5, 'USD'), short: new Money(7, 'EUR'), list: [new Money(1, 'X')] }));
const seen = [];
JSON.stringify({ a: [1, { b: 2 }], d: new Date(0) }, function (k, v) {
  seen.push(`${k}:${Array.isArray(this) ? 'array' : typeof this}:${typeof v}`);
  return v;
});
console.log(seen.join(' '));
console.log(JSON.stringify({ a: 1, b: [1, 2], c: { d: 3 } }, (k, v) => (k === 'b' ? undefined : Array.isArray(v) ? v.length : v)), JSON.stringify([1, 2, 3], (k, v) => (k === '1' ? undefined : v)), JSON.stringify({ n: new Number(3), s: new String('s'), b: new Boolean(false) }));
console.log(JSON.stringify({ k: { toJSON: null } }), JSON.stringify({ k: { toJSON() {} } }), JSON.stringify([{ toJSON() {} }]), JSON.stringify('x', (k, v) => v + '!'), JSON.stringify(1, ['a']), JSON.stringify({ 1: 1, b: 2, '-1': 3 }, [1, new String('b')]));
