// DataView: Uint8 in both orders of bytes, and out of range.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const v = new DataView(new ArrayBuffer(12), 2, 8); v.setUint8(0, 250); const big = v.getUint8(0); v.setUint8(0, 250, true); console.log(big, v.getUint8(0, true), v.getUint8(0), [...new Uint8Array(v.buffer)].join(), t(() => v.getUint8(8)), t(() => v.setUint8(-1, 1)), t(() => v.getUint8(NaN)), v.setUint8(0, 1e10), v.getUint8(0), v.setUint8(0, NaN), String(v.getUint8(0)), v.byteLength, v.byteOffset);
