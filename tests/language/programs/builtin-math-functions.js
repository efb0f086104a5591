// Math's functions at their edges.
const f = (x) => (Object.is(x, -0) ? '-0' : String(x));
console.log([Math.trunc(-0.5), Math.sign(-3), Math.sign(-0), Math.round(-0.5), Math.round(2.5), Math.round(-2.5), Math.cbrt(27), Math.hypot(3, 4), Math.hypot(), Math.clz32(1), Math.fround(5.5), Math.fround(5.05), Math.imul(0xffffffff, 5)].map(f).join(' '));
console.log([Math.max(), Math.min(), Math.max(1, NaN), Math.max(-0, 0), Math.min(0, -0), Math.log2(8), Math.log10(1000), Math.log1p(0), Math.expm1(0), Math.sqrt(-1), Math.pow(2, 0.5), Math.pow(NaN, 0), Math.abs(-0)].map(f).join(' '));
console.log([Math.asinh(0), Math.acosh(1), Math.atanh(0), Math.atanh(1), Math.acosh(0.5), Math.sinh(0), Math.cosh(0), Math.tanh(Infinity), Math.tanh(-Infinity), Math.sinh(-0), Math.asinh(-0), Math.log1p(-1), Math.log1p(-0), Math.expm1(-Infinity)].map(f).join(' '));
console.log(Math.max(...[1, 5, 3]), Math.min.apply(null, [4, 2]), Math.floor(-1.5), Math.ceil(-1.5), Math.ceil(-0.2) === 0, Math.atan2(1, 1), Math.PI, Math.E, Math.SQRT2);
console.log(Object.prototype.toString.call(Math), Math.random() < 1, Math.max.length, Math.hypot.length);
