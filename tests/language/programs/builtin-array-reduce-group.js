// Grouping, counting, indexing, chunks, zips and pivots by reduce.
const rows = [['btc', 'buy', 3], ['eth', 'sell', 5], ['btc', 'sell', 2], ['eth', 'buy', 1], ['btc', 'buy', 4]].map(([s, d, q]) => ({ s, d, q }));
const by = (k) => rows.reduce((a, r) => ({ ...a, [r[k]]: [...(a[r[k]] ?? []), r.q] }), {});
console.log(JSON.stringify(by('s')), JSON.stringify(by('d')));
const totals = rows.reduce((m, r) => m.set(r.s, (m.get(r.s) ?? 0) + (r.d === 'buy' ? r.q : -r.q)), new Map());
console.log(JSON.stringify([...totals].sort(([a], [b]) => (a < b ? -1 : 1))));
const chunk = (a, n) => Array.from({ length: Math.ceil(a.length / n) }, (_, i) => a.slice(i * n, i * n + n));
const zip = (...as) => Array.from({ length: Math.min(...as.map((a) => a.length)) }, (_, i) => as.map((a) => a[i]));
console.log(JSON.stringify(chunk([1, 2, 3, 4, 5], 2)), JSON.stringify(zip([1, 2, 3], 'ab'.split(''), [true, false, null])));
const uniq = (a) => [...new Set(a)];
const compose = (...fs) => (x) => fs.reduceRight((v, f) => f(v), x);
console.log(uniq([3, 1, 3, 2, 1]).join(), compose((x) => x + 1, (x) => x * 2)(5), [[1, 2], [3]].flat().reduce((a, b) => a + b), Math.max(...rows.map((r) => r.q)));
