// Integers and fractions in all radixes.
let seed = 777;
const rnd = () => (seed = (seed * 16807) % 2147483647);
const out = [];
for (let r = 2; r <= 36; r++) {
  const x = rnd();
  out.push(x.toString(r), (-x / 1024).toString(r), parseInt(x.toString(r), r) === x);
}
console.log(out.join(' '));
console.log((0.1).toString(3), (1 / 7).toString(7), (123.456).toString(36), (2 ** 60).toString(2).length, (-255.9375).toString(16));
