// DataView: Int16 in both orders of bytes, and out of range.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const v = new DataView(new ArrayBuffer(12), 2, 8); v.setInt16(0, -300); const big = v.getInt16(0); v.setInt16(0, -300, true); console.log(big, v.getInt16(0, true), v.getInt16(0), [...new Uint8Array(v.buffer)].join(), t(() => v.getInt16(8)), t(() => v.setInt16(-1, 1)), t(() => v.getInt16(NaN)), v.setInt16(0, 1e10), v.getInt16(0), v.setInt16(0, NaN), String(v.getInt16(0)), v.byteLength, v.byteOffset);
