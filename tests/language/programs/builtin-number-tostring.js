// Numbers as text: shortest form, exponents, radix.
const list = [0, -0, 1, -1.5, 0.1 + 0.2, 1e21, 1e-7, 123456789012345680000, 5e-324, 1.7976931348623157e308, 1 / 3, 100, 1e5, 0.000001, 4.35, 2 ** 53, -1e-10, 12345.6789, 0.5, 1e300 * 10];
console.log(list.map(String).join(' '));
console.log(list.map((n) => n.toString(2).slice(0, 60)).join(' '));
console.log([255, -255, 3.5, 0.1, 1 / 3, 1e10, 123.456, -0.75, 2 ** 31, 1e21].map((n) => n.toString(16)).join(' '));
console.log([0.1, 255.5, 1e10, 35, -35.25, 0.00001].map((n) => n.toString(36)).join(' '), (0.5).toString(3), (1e-7).toString(8));
for (const r of [1, 37, 0]) {
  try {
    (5).toString(r);
  } catch (e) {
    console.log(e.name, e.message);
  }
}
