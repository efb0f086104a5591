// DataView: Uint16 in both orders of bytes, and out of range.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const v = new DataView(new ArrayBuffer(12), 2, 8); v.setUint16(0, 65000); const big = v.getUint16(0); v.setUint16(0, 65000, true); console.log(big, v.getUint16(0, true), v.getUint16(0), [...new Uint8Array(v.buffer)].join(), t(() => v.getUint16(8)), t(() => v.setUint16(-1, 1)), t(() => v.getUint16(NaN)), v.setUint16(0, 1e10), v.getUint16(0), v.setUint16(0, NaN), String(v.getUint16(0)), v.byteLength, v.byteOffset);
