// DataView: Uint32 in both orders of bytes, and out of range.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const v = new DataView(new ArrayBuffer(12), 2, 8); v.setUint32(0, 4000000000); const big = v.getUint32(0); v.setUint32(0, 4000000000, true); console.log(big, v.getUint32(0, true), v.getUint32(0), [...new Uint8Array(v.buffer)].join(), t(() => v.getUint32(8)), t(() => v.setUint32(-1, 1)), t(() => v.getUint32(NaN)), v.setUint32(0, 1e10), v.getUint32(0), v.setUint32(0, NaN), String(v.getUint32(0)), v.byteLength, v.byteOffset);
