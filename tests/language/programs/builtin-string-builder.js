// Building, wrapping and tabulating text.
const rows = [['name', 'qty', 'price'], ['apple', 3, 1.5], ['kiwi', 12, 0.25], ['melon', 1, 12]];
const widths = rows[0].map((_, i) => Math.max(...rows.map((r) => String(r[i]).length)));
for (const r of rows) console.log(r.map((c, i) => (typeof c === 'number' ? String(c).padStart(widths[i]) : c.padEnd(widths[i]))).join(' | ').trimEnd());
const wrap = (t, w) => t.split(' ').reduce((l, x) => ((l.at(-1) + ' ' + x).trim().length > w ? [...l, x] : [...l.slice(0, -1), (l.at(-1) + ' ' + x).trim()]), ['']);
console.log(wrap('the quick brown fox jumps over the lazy dog', 12).join('/'));
const title = (s) => s.replace(/\b\w/g, (c) => c.toUpperCase());
const slug = (s) => s.toLowerCase().normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
console.log(title('hello big world'), slug('  Crème Brûlée & Co. '), 'abc'.split('').reverse().join(''), [...'hello'].map((c) => c.charCodeAt(0).toString(2).padStart(8, '0')).join(' '));
const rle = (s) => s.replace(/(.)\1*/g, (m, c) => c + m.length);
console.log(rle('aaabccdddd'), 'a-b_c d'.split(/[-_ ]/).map((w, i) => (i ? w[0].toUpperCase() + w.slice(1) : w)).join(''), 'x'.codePointAt() === 120);
