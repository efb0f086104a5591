// Growing and shrinking a Set while it is walked, by several iterators.
const s = new Set([1, 2, 3, 4, 5]);
const a = s.values();
const b = s.values();
a.next();
a.next();
s.delete(1);
s.delete(3);
s.add(6);
console.log([...a].join(), [...b].join(), [...s].join());
const t = new Set(['x']);
let n = 0;
for (const v of t) {
  if (++n < 40) {
    t.delete(v);
    t.add(v + n);
  }
}
console.log(n, t.size);
const u = new Set([1, 2, 3]);
const it = u.values();
it.next();
u.clear();
u.add('after');
console.log(JSON.stringify([...it]), JSON.stringify(it.next()));
