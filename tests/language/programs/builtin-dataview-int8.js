// DataView: Int8 in both orders of bytes, and out of range.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const v = new DataView(new ArrayBuffer(12), 2, 8); v.setInt8(0, -5); const big = v.getInt8(0); v.setInt8(0, -5, true); console.log(big, v.getInt8(0, true), v.getInt8(0), [...new Uint8Array(v.buffer)].join(), t(() => v.getInt8(8)), t(() => v.setInt8(-1, 1)), t(() => v.getInt8(NaN)), v.setInt8(0, 1e10), v.getInt8(0), v.setInt8(0, NaN), String(v.getInt8(0)), v.byteLength, v.byteOffset);
