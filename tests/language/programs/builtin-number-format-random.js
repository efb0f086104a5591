// Two hundred numbers of all magnitudes as text and back.
let seed = 12345;
const rnd = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
const scales = [1e-20, 1e-12, 1e-7, 1e-5, 0.001, 1, 10, 1000, 1e6, 1e9, 1e15, 1e18, 1e20];
const out = [];
let bad = 0;
for (let i = 0; i < 200; i++) {
  const x = (rnd() - 0.5) * scales[Math.floor(rnd() * scales.length)];
  if (Number(String(x)) !== x) bad++;
  if (i % 10 === 0) out.push(String(x), x.toFixed(3), x.toExponential(4), x.toPrecision(6));
}
console.log(bad, out.join(' '));
