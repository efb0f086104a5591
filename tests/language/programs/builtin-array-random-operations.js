// Hundreds of random calls of array methods with odd arguments; the results are hashed.
let seed = 20240101;
const rnd = (n) => (seed = (seed * 48271) % 2147483647) % n;
const pick = (...a) => a[rnd(a.length)];
const num = () => pick(0, 1, 2, 3, 5, -1, -2, -9, 1.5, NaN, undefined, Infinity, '2', null);
const val = () => pick(0, 1, 2, 'a', 'b', null, undefined, NaN, true, -0);
const out = [];
for (let i = 0; i < 400; i++) {
  const a = Array.from({ length: rnd(7) }, val);
  const b = Array.from({ length: rnd(3) }, val);
  const calls = [
    () => a.slice(num(), num()),
    () => (a.splice(num(), num(), ...b), a),
    () => a.indexOf(val(), num()),
    () => a.lastIndexOf(val()),
    () => a.includes(val(), num()),
    () => a.fill(val(), num(), num()),
    () => a.copyWithin(num(), num(), num()),
    () => a.concat(b, val()),
    () => a.at(num()),
    () => a.join(pick(',', '', '-')),
    () => a.flat(),
    () => (a.reverse(), a),
    () => a.map((v, k) => `${k}${v}`),
    () => a.filter((v) => v),
    () => a.reduce((x, y) => `${x}${y}`, ''),
    () => a.reduceRight((x, y) => `${x}${y}`, ''),
    () => a.sort(),
    () => [a.push(...b), a.pop(), a.shift(), a.unshift(...b), a],
    () => [a.some((v) => v === 1), a.every((v) => v !== 1), a.find((v) => v), a.findLastIndex((v) => !v)],
    () => [...a.entries()],
  ];
  const r = pick(...calls)();
  out.push(JSON.stringify(r, (k, v) => (v === undefined ? 'U' : Object.is(v, -0) ? '-0' : v !== v ? 'NaN' : v)) + a.length);
}
let hash = 0;
for (const c of out.join('|')) hash = (hash * 31 + c.charCodeAt(0)) % 1000000007;
console.log(hash, out.slice(0, 12).join(' '));
