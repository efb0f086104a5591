// What callbacks see when the array changes under them.
const a = [1, 2, 3, 4];
const seen = [];
a.forEach((v, i) => {
  seen.push(v);
  if (i === 0) a.push(9);
  if (v === 2) a.splice(2, 1);
});
console.log(seen.join(), a.join());
const b = [1, 2, 3];
const m = b.map((v, i) => {
  if (i === 0) b.length = 2;
  return v * 2;
});
console.log(m.length, 2 in m, m.join());
const c = [5, 1, 4];
console.log(c.find((v, i) => ((c[i + 1] = 0), v === 0)), c.join(), [1, 2, 3].filter((v, i, all) => all.pop() && true).join());
const it = [1, 2];
const visited = [];
for (const v of it) {
  visited.push(v);
  if (visited.length < 5) it.push(v * 2);
}
console.log(visited.join());
