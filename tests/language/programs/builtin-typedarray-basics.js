// Typed arrays: construction, clamping, views on one buffer.
const b = new ArrayBuffer(8);
const u8 = new Uint8Array(b);
const f32 = new Float32Array(b, 4, 1);
u8[0] = 300;
u8[1] = -1;
f32[0] = 1.5;
console.log(u8.join(), f32[0], u8.length, u8.byteLength, f32.byteOffset, u8.buffer === b);
console.log(new Uint8ClampedArray([300, -5, 1.5, 2.5, NaN]).join(), new Int16Array([40000]).join(), new Uint32Array([-1]).join(), new Float64Array([0.1]).join());
console.log(new Uint8Array(3).join(), new Uint8Array([1, 2]).length, new Uint8Array(new Set([1, 2, 3])).join(), new Uint8Array({ length: 2, 0: 9 }).join(), Uint8Array.BYTES_PER_ELEMENT, new Float64Array(2).BYTES_PER_ELEMENT);
console.log(u8[99], (u8[99] = 1), u8.length, '0' in u8, Object.keys(new Uint8Array(2)).join(), Array.isArray(u8), ArrayBuffer.isView(u8), b.slice(0, 2).byteLength);
const dv = new DataView(new ArrayBuffer(16));
dv.setInt16(0, -2);
dv.setFloat64(2, Math.PI, true);
console.log(dv.getUint16(0), dv.getUint8(0), dv.getFloat64(2, true), dv.byteLength);
for (const f of [() => dv.getInt32(15), () => new Uint8Array(-1), () => new Float32Array(b, 1), () => Uint8Array(2)]) {
  try {
    f();
    console.log('no error');
  } catch (e) {
    console.log(e.name);
  }
}
