// ToInt32, ToUint32 and the shifts.
for (const v of [0, -1, 1.9, -1.9, 2 ** 31, 2 ** 32, 2 ** 32 + 1, -(2 ** 31) - 1, 2 ** 53, 1e20, NaN, Infinity, '0x10', '', null, undefined, true, [5], {}, -0, 4294967295, 1e-10])
  console.log(String(v), v | 0, v >>> 0, ~v, v << 1, v >> 1, v >>> 1, v & 255, v ^ 5);
console.log(1 << 31, 1 << 32, 1 << 33, 1 << -1, -1 >>> 31, -1 >> 31, -1 >>> 0, 5 & -2, 5 | -2, ~~7.9, ~~-7.9, 1 << '3');
let a = 0b1010; a &= 6; a |= 9; a ^= 3; a <<= 4; a >>= 1; a >>>= 1; console.log(a);
console.log(0xdeadbeef | 0, 0xdeadbeef >>> 16, (0xdead << 16) >>> 0, 0b11 + 0o17 + 0xf, 0B11, 0O17, 0XF, 017, 1_000_000.5_5);
