// Floating point, integers, shifts, remainders: a table of results.
const xs = [0, -0, 1, -1, 0.1, 2.5, -7, 1e10, 2 ** 31, 2 ** 32 + 1, -(2 ** 31) - 1, NaN, Infinity, 1e-320];
const show = (v) => (Object.is(v, -0) ? '-0' : String(v));
for (const x of xs) console.log([x | 0, x >>> 0, ~x, x << 3, x >> 1, x % 3, -x, x * 0, x / 0, Math.round(x), x ** 2, x ** -1, Math.sign(x), Math.trunc(x)].map(show).join(' '));
console.log([5 % 3, -5 % 3, 5 % -3, 5.5 % 2, -0 % 1, 0 % -1, 5 % 0, Infinity % 5, 5 % Infinity].map(show).join(' '), 2 ** 3 ** 2, (-2) ** 2, 7 & 5, 7 | 8, 7 ^ 2);
console.log(0.1 + 0.7, 1.1 * 3, 4.35 * 100, 1.005 * 1000, 123.456 - 23.456, 9.95 * 100, 1 / 3 + 1 / 3, 1e16 + 1, 0.1 + 0.2 - 0.3);
