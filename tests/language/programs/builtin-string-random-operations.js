// Hundreds of random calls of string methods with odd arguments.
let seed = 5150;
const rnd = (n) => (seed = (seed * 48271) % 2147483647) % n;
const pick = (...a) => a[rnd(a.length)];
const num = () => pick(0, 1, 2, 3, 5, -1, -3, 1.9, NaN, undefined, Infinity, '1', null);
const piece = () => pick('', 'a', 'b', 'ab', 'aab', ' ', '$&', '.', '😀', 'é');
const out = [];
for (let i = 0; i < 400; i++) {
  const s = Array.from({ length: rnd(6) }, piece).join('');
  const calls = [
    () => s.slice(num(), num()),
    () => s.substring(num(), num()),
    () => s.substr(num(), num()),
    () => s.indexOf(piece(), num()),
    () => s.lastIndexOf(piece(), num()),
    () => s.includes(piece(), num()),
    () => s.startsWith(piece(), num()),
    () => s.endsWith(piece(), num()),
    () => s.at(num()),
    () => s.charAt(num()),
    () => s.charCodeAt(num()),
    () => s.codePointAt(num()),
    () => s.padStart(rnd(12), piece()),
    () => s.padEnd(rnd(12), piece()),
    () => s.split(piece(), num()),
    () => s.replace(piece(), piece()),
    () => s.replaceAll(piece(), piece()),
    () => s.replace(/a+/g, piece()),
    () => s.split(/a|b/),
    () => s.trim() + '|' + s.trimStart() + '|' + s.trimEnd(),
    () => s.repeat(rnd(3)),
    () => s.concat(piece(), num()),
    () => [...s].length,
    () => s.toUpperCase() + s.toLowerCase(),
    () => s.search(/b/),
    () => s.match(/a/g),
  ];
  out.push(JSON.stringify(pick(...calls)()));
}
let hash = 0;
for (const c of out.join('|')) hash = (hash * 31 + c.codePointAt(0)) % 1000000007;
console.log(hash, out.slice(0, 14).join(' '));
