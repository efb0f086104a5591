// The order of keys: integers first, then strings as they came, then symbols.
const o = {};
for (const k of ['b', '10', 'a', '2', '-1', '1.5', '01', '0', '4294967294', '4294967295', 'z']) o[k] = k;
o[Symbol('s')] = 1;
console.log(Object.keys(o).join(), JSON.stringify(o), Reflect.ownKeys(o).length, Object.getOwnPropertyNames(o).join());
delete o.b;
o.b = 'again';
o[5] = 5;
console.log(Object.keys(o).join());
const seen = [];
for (const k in o) seen.push(k);
console.log(seen.join(), Object.entries({ y: 1, x: 2, 3: 3, 1: 1 }).join(' '), JSON.stringify({ ...o, 7: 7 }), JSON.stringify(Object.assign({ q: 1, 9: 9 }, o)));
class P {
  constructor() {
    this.c = 1;
    this.own = 2;
  }
}
P.prototype.inherited = 3;
const all = [];
for (const k in new P()) all.push(k);
console.log(all.join());
