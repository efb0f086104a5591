// Set: order, uniqueness, the usual algebra.
const a = new Set([3, 1, 2, 3, 1]);
const b = new Set([2, 4]);
console.log([...a].join(), a.size, a.has(2), a.delete(1), a.delete(1), [...a].join());
console.log([...new Set([...a, ...b])].join(), [...a].filter((x) => b.has(x)).join(), [...a].filter((x) => !b.has(x)).join());
console.log(new Set([NaN, NaN, 0, -0]).size, new Set('mississippi').size);
const seen = [];
a.forEach((v, k, s) => seen.push(v === k, s === a));
console.log(seen.join(), a.add(9) === a);
