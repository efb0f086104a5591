// Number's predicates and constants.
console.log(Number.isInteger(5), Number.isInteger(5.5), Number.isInteger('5'), Number.isSafeInteger(2 ** 53), Number.isNaN('x'), isNaN('x'), Number.isFinite('5'), isFinite('5'));
console.log(Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, Number.EPSILON, Number.MAX_VALUE, Number.parseFloat === parseFloat, Number.parseInt === parseInt);
console.log(0.1 + 0.2 === 0.3, Math.abs(0.3 - (0.1 + 0.2)) < Number.EPSILON, 1 / -0, Object.is(-0, 0), NaN !== NaN);
console.log(5 % -3, -5 % 3, 2 ** -1, 7 / 2 | 0, -7 >>> 28, 1 << 31, ~5, 0.1 * 3, 1_000_000, 0xff, 0b11, 0o17);
