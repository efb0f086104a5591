// DataView: Float64 in both orders of bytes, and out of range.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const v = new DataView(new ArrayBuffer(12), 2, 8); v.setFloat64(0, -0.1); const big = v.getFloat64(0); v.setFloat64(0, -0.1, true); console.log(big, v.getFloat64(0, true), v.getFloat64(0), [...new Uint8Array(v.buffer)].join(), t(() => v.getFloat64(8)), t(() => v.setFloat64(-1, 1)), t(() => v.getFloat64(NaN)), v.setFloat64(0, 1e10), v.getFloat64(0), v.setFloat64(0, NaN), String(v.getFloat64(0)), v.byteLength, v.byteOffset);
