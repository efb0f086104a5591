// Sorting a few hundred numbers and texts; the comparator's sign is all that counts.
let seed = 42;
const rnd = () => (seed = (seed * 16807) % 2147483647);
const a = Array.from({ length: 300 }, () => rnd() % 1000);
const sorted = [...a].sort((x, y) => x - y);
console.log(sorted.every((v, i) => i === 0 || sorted[i - 1] <= v), sorted[0], sorted[299], sorted.reduce((s, v, i) => (s + v * i) % 99991, 0));
const t = a.map(String).sort();
console.log(t.slice(0, 5).join(), t.slice(-5).join());
const byBool = [...a].sort((x, y) => (x > y ? 1 : -1));
console.log(byBool.slice(0, 5).join());
const strs = a.map((n) => 'item' + n).sort((x, y) => x.localeCompare(y));
console.log(strs[0], strs[150], strs[299]);
