// Binary work: hex, base64 by hand, endianness, checksums, float layouts.
const hex = (b) => [...b].map((x) => x.toString(16).padStart(2, '0')).join('');
const bytes = new TextEncoder().encode('Héllo, Wörld! €');
console.log(hex(bytes), bytes.length);
const A = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const b64 = (b) => {
  let s = '';
  for (let i = 0; i < b.length; i += 3) {
    const n = (b[i] << 16) | ((b[i + 1] ?? 0) << 8) | (b[i + 2] ?? 0);
    s += A[n >> 18] + A[(n >> 12) & 63] + (i + 1 < b.length ? A[(n >> 6) & 63] : '=') + (i + 2 < b.length ? A[n & 63] : '=');
  }
  return s;
};
console.log(b64(bytes), b64(new Uint8Array([255])), b64(new Uint8Array([1, 2])));
let crc = ~0;
for (const x of bytes) {
  crc ^= x;
  for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
}
console.log((~crc >>> 0).toString(16));
const dv = new DataView(new ArrayBuffer(8));
for (const v of [1, -1, 0.1, Infinity, -0, NaN, 1e-310]) {
  dv.setFloat64(0, v);
  console.log(hex(new Uint8Array(dv.buffer)), dv.getUint32(0), dv.getInt16(6, true));
}
const mixed = new Uint32Array(new Uint8Array([1, 0, 0, 0, 0, 1, 0, 0]).buffer);
console.log(mixed.join(), new Uint16Array([0x1234]).buffer.byteLength, hex(new Uint8Array(new Uint16Array([0x1234]).buffer)));
