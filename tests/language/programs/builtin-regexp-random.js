// Random patterns over a small alphabet, matched against random texts.
let seed = 808;
const rnd = (n) => (seed = (seed * 48271) % 2147483647) % n;
const pick = (...a) => a[rnd(a.length)];
const atom = (d) => pick('a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\b', 'a|b', ...(d < 2 ? [() => `(${part(d + 1)})`, () => `(?:${part(d + 1)})`, () => `(?=${part(d + 1)})`, () => `(?!${part(d + 1)})`] : []));
const part = (d) => {
  let s = '';
  for (let i = 1 + rnd(3); i > 0; i--) {
    const a = atom(d);
    s += typeof a === 'function' ? a() : a;
    if (/[abc.\])w]$/.test(s) && !/\\b$/.test(s) && rnd(3) === 0) s += pick('*', '+', '?', '*?', '{1,2}', '{2}');
  }
  return s;
};
const out = [];
let refused = 0;
for (let i = 0; i < 300; i++) {
  let re;
  try {
    re = new RegExp(part(0), pick('', 'g', 'i'));
  } catch {
    refused++;
    continue;
  }
  const t = Array.from({ length: rnd(9) }, () => pick('a', 'b', 'c', 'A', ' ')).join('');
  const m = re.exec(t);
  out.push(m ? m.index + JSON.stringify([...m]) : 'null', re.lastIndex, t.replace(re, '<$&>'));
}
let hash = 0;
for (const c of out.join('|')) hash = (hash * 31 + c.charCodeAt(0)) % 1000000007;
console.log(refused, hash, out.slice(0, 15).join(' '));
