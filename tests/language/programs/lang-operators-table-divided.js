// / over all pairs of kinds of values.
const vs = [0, 1, -2.5, 2 ** 32 + 5, NaN, Infinity, '', '3', 'x', true, false, null, undefined, [], [4], {}, { valueOf: () => 7 }, { toString: () => '8' }, { [Symbol.toPrimitive]: (h) => h.length }]; const z = (x) => (Object.is(x, -0) ? '-0' : String(x)); for (const a of vs) console.log(vs.map((b) => z(a / b)).join(' '));
