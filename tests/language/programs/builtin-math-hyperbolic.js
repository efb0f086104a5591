// Hyperbolic functions and friends to 12 digits over their ranges.
const xs = [1e-10, 0.001, 0.1, 0.5, 0.9, 1, 1.5, 2, 5, 10, 21, 25, 100, 700];
const p = (x) => (Number.isFinite(x) ? x.toPrecision(12) : String(x));
for (const name of ['sinh', 'cosh', 'tanh', 'asinh', 'expm1', 'log1p']) console.log(name, xs.map((x) => p(Math[name](x))).join(' '), xs.map((x) => p(Math[name](-x))).slice(0, name === 'log1p' ? 5 : 14).join(' '));
console.log(xs.filter((x) => x >= 1).map((x) => p(Math.acosh(x))).join(' '), xs.filter((x) => x < 1).map((x) => p(Math.atanh(x))).join(' '));
