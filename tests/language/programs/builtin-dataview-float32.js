// DataView: Float32 in both orders of bytes, and out of range.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const v = new DataView(new ArrayBuffer(12), 2, 8); v.setFloat32(0, 1.5); const big = v.getFloat32(0); v.setFloat32(0, 1.5, true); console.log(big, v.getFloat32(0, true), v.getFloat32(0), [...new Uint8Array(v.buffer)].join(), t(() => v.getFloat32(8)), t(() => v.setFloat32(-1, 1)), t(() => v.getFloat32(NaN)), v.setFloat32(0, 1e10), v.getFloat32(0), v.setFloat32(0, NaN), String(v.getFloat32(0)), v.byteLength, v.byteOffset);
