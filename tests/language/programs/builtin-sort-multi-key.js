// Sorting by several keys, directions, nulls last, natural order, by locale.
const rows = [
  { n: 'b', q: 2, d: null },
  { n: 'a', q: 2, d: 5 },
  { n: 'C', q: 1, d: 1 },
  { n: 'a', q: 1, d: null },
  { n: 'ä', q: 2, d: 3 },
  { n: 'item10', q: 0, d: 9 },
  { n: 'item9', q: 0, d: 8 },
];
const by = (...keys) => (a, b) => {
  for (const k of keys) {
    const [f, dir] = Array.isArray(k) ? k : [k, 1];
    const x = f(a);
    const y = f(b);
    if (x === y) continue;
    if (x === null) return 1;
    if (y === null) return -1;
    return (typeof x === 'string' ? x.localeCompare(y) : x - y) * dir;
  }
  return 0;
};
const show = (r) => r.map((x) => `${x.n}${x.q}${x.d ?? '-'}`).join(' ');
console.log(show([...rows].sort(by((r) => r.q, (r) => r.n))));
console.log(show([...rows].sort(by([(r) => r.q, -1], (r) => r.d))));
console.log(show([...rows].sort(by((r) => r.d))));
console.log([...rows].sort((a, b) => a.n.localeCompare(b.n, 'en', { numeric: true })).map((r) => r.n).join());
