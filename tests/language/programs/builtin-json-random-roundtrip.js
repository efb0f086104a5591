// Random nested data through stringify and parse, indented and not.
let seed = 4242;
const rnd = (n) => (seed = (seed * 48271) % 2147483647) % n;
const make = (d) => {
  switch (d > 3 ? rnd(6) : rnd(8)) {
    case 0:
      return rnd(1000) - 500;
    case 1:
      return rnd(1000) / 7;
    case 2:
      return 'text "' + rnd(99) + '"\n\\é' + String.fromCharCode(rnd(200) + 1);
    case 3:
      return null;
    case 4:
      return rnd(2) === 0;
    case 5:
      return '';
    case 6:
      return Array.from({ length: rnd(4) }, () => make(d + 1));
    default:
      return Object.fromEntries(Array.from({ length: rnd(4) }, (_, i) => ['k' + rnd(50) + i, make(d + 1)]));
  }
};
let bad = 0;
let hash = 0;
for (let i = 0; i < 60; i++) {
  const v = make(0);
  const t = JSON.stringify(v);
  if (JSON.stringify(JSON.parse(t)) !== t || JSON.stringify(JSON.parse(JSON.stringify(v, null, 3))) !== t) bad++;
  for (const c of JSON.stringify(v, null, i % 5)) hash = (hash * 31 + c.codePointAt(0)) % 1000000007;
}
console.log(bad, hash);
