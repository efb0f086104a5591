// Signed zeros, NaN, infinities, remainder, powers.
const z = (x) => (Object.is(x, -0) ? '-0' : String(x));
for (const [a, b] of [[0, -0], [-0, -0], [5, -3], [-5, 3], [5.5, 2], [-1, 1], [1e308, 10], [Infinity, 0], [NaN, 1], [0.1, 0.2], [7, Infinity], [-0, 5], [2 ** 53, 1], [-1, 0.5], [-8, 1 / 3], [1, Infinity]])
  console.log(z(a), z(b), [a + b, a - b, a * b, a / b, a % b, a ** b].map(z).join(' '));
console.log(z(-0 + 0), z(-0 - 0), z(0 * -1), z(-(0)), z(+'-0'), z(1 / -Infinity), z(-4 % 2), z(Math.round(-0.2)));
console.log((-2) ** 2, 2 ** 3 ** 2, 2 ** -1, (-8) ** (1 / 3), 0 ** 0, NaN ** 0, 1 ** NaN, (-1) ** Infinity, (+1) ** 0.5);
let x = 2; x **= 3; x **= -1; console.log(x); x = '3'; x *= '2'; x -= '1'; x += '1'; x /= '3'; x %= 10; console.log(x, typeof x);
console.log(0.1 + 0.7, 1.005 * 1000, 4.35 * 100, 1.1 + 2.2, 123456789 * 987654321, 0xffffffff * 0xffffffff);
