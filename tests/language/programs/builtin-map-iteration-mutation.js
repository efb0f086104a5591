// Deleting and adding while iterating: deleted ones are not visited, added ones are.
const m = new Map([[1, 'a'], [2, 'b'], [3, 'c']]);
const seen = [];
for (const [k] of m) {
  seen.push(k);
  if (k === 1) {
    m.delete(2);
    m.set(4, 'd');
  }
  if (k === 4 && !m.has(5)) m.set(5, 'e');
}
console.log(seen.join());
const s = new Set([1, 2, 3]);
const order = [];
for (const v of s) {
  order.push(v);
  if (order.length < 6) {
    s.delete(v);
    s.add(v);
  }
}
console.log(order.join(), [...s].join());
const c = new Map([[1, 1], [2, 2]]);
const visited = [];
c.forEach((v, k) => {
  visited.push(k);
  if (k === 1) {
    c.clear();
    c.set(9, 9);
  }
});
console.log(visited.join());
