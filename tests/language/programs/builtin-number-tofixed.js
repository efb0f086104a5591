// toFixed, toPrecision, toExponential.
const xs = [0, 1.005, 1.45, 8.345, -1.5, 2.5, 0.000001234, 123.456, 1e20, 0.5, 1.255, 10.235, -0.0000001, 99.995, 1234.5678];
for (const d of [0, 1, 2, 5, 10]) console.log(xs.map((x) => x.toFixed(d)).join(' '));
for (const p of [1, 3, 8]) console.log(xs.map((x) => x.toPrecision(p)).join(' '));
for (const d of [undefined, 0, 4]) console.log(xs.map((x) => x.toExponential(d)).join(' '));
console.log((1e21).toFixed(2), NaN.toFixed(1), (-1.5).toFixed(0), (1.5).toFixed(), (0).toPrecision(3), (123456).toPrecision(2));
for (const f of [() => (1).toFixed(101), () => (1).toPrecision(0), () => (1).toExponential(-1)]) {
  try {
    f();
  } catch (e) {
    console.log(e.name);
  }
}
