// Many deletions during an iteration: the iterator stays at its place.
const m = new Map();
for (let i = 0; i < 200; i++) m.set(i, i);
const seen = [];
for (const k of m.keys()) {
  seen.push(k);
  if (k % 10 === 0) for (let d = k - 9; d < k + 8; d++) if (d % 3) m.delete(d);
  if (k === 150) for (let i = 0; i < 5; i++) m.set('new' + i, i);
}
console.log(seen.length, seen.join(','));
console.log(m.size, [...m.keys()].slice(-6).join());
const q = new Map();
let next = 0;
let sum = 0;
for (let i = 0; i < 3000; i++) {
  q.set('k' + next++, i);
  if (q.size > 20) {
    const first = q.keys().next().value;
    sum += q.get(first);
    q.delete(first);
  }
}
console.log(q.size, sum, [...q.keys()][0]);
