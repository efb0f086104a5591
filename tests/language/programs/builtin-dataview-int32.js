// DataView: Int32 in both orders of bytes, and out of range.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const v = new DataView(new ArrayBuffer(12), 2, 8); v.setInt32(0, -70000); const big = v.getInt32(0); v.setInt32(0, -70000, true); console.log(big, v.getInt32(0, true), v.getInt32(0), [...new Uint8Array(v.buffer)].join(), t(() => v.getInt32(8)), t(() => v.setInt32(-1, 1)), t(() => v.getInt32(NaN)), v.setInt32(0, 1e10), v.getInt32(0), v.setInt32(0, NaN), String(v.getInt32(0)), v.byteLength, v.byteOffset);
