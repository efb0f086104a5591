// What Uint32Array makes of values stored in it.
const a = new Uint32Array(1); for (const v of [0, 1, -1, 1.5, -1.5, 2.5, 127, 128, 255, 256, 300, -129, 65535, 65536, 2 ** 31, 2 ** 32, -(2 ** 31) - 1, 1e20, NaN, Infinity, '12', '0x10', '', 'x', true, null, undefined, [5], {}, 0.1]) { a[0] = v; console.log(String(v), a[0]); }
