const hex = (buffer) => Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, '0')).join('');
const bytes = (text) => new TextEncoder().encode(text);
for (const name of ['SHA-1', 'sha-256', 'SHA-384', { name: 'SHA-512' }])
  for (const text of ['', 'abc', 'x'.repeat(1000)]) console.log(hex(await crypto.subtle.digest(name, bytes(text))));
console.log(hex(await crypto.subtle.digest('SHA-256', bytes('abcdef').buffer)));
console.log(hex(await crypto.subtle.digest('SHA-256', new Uint16Array([1, 2, 3]).subarray(1))));
for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) {
  for (const secret of ['k', 'key'.repeat(100)]) {
    const key = await crypto.subtle.importKey('raw', bytes(secret), { name: 'HMAC', hash }, true, ['verify', 'sign']);
    const mac = await crypto.subtle.sign('HMAC', key, bytes('what do ya want'));
    console.log(hash, hex(mac), await crypto.subtle.verify('HMAC', key, mac, bytes('what do ya want')));
    console.log(await crypto.subtle.verify({ name: 'hmac' }, key, mac, bytes('something else')));
    console.log(await crypto.subtle.verify('HMAC', key, mac.slice(1), bytes('what do ya want')));
    const jwk = await crypto.subtle.exportKey('jwk', key);
    console.log(jwk.kty, jwk.k, jwk.alg, jwk.ext, [...jwk.key_ops].sort().join());
    console.log(hex(await crypto.subtle.exportKey('raw', key)) === hex(bytes(secret).buffer));
    console.log(key.type, key.extractable, key.algorithm.name, key.algorithm.hash.name, key.algorithm.length, [...key.usages].sort().join());
    const again = await crypto.subtle.importKey('jwk', jwk, { name: 'HMAC', hash: { name: hash } }, false, ['sign']);
    console.log(hex(await crypto.subtle.sign('HMAC', again, bytes('what do ya want'))) === hex(mac), again.extractable);
  }
}
const made = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-384' }, true, ['sign', 'verify']);
console.log(made.algorithm.length, (await crypto.subtle.exportKey('raw', made)).byteLength);
const short = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 128 }, true, ['sign']);
console.log((await crypto.subtle.exportKey('raw', short)).byteLength);
const fails = {
  hash: () => crypto.subtle.digest('MD5', bytes('')),
  data: () => crypto.subtle.digest('SHA-256', 'text'),
  empty: () => crypto.subtle.importKey('raw', new Uint8Array(0), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']),
  usage: () => crypto.subtle.importKey('raw', bytes('k'), { name: 'HMAC', hash: 'SHA-1' }, false, ['encrypt']),
  none: () => crypto.subtle.importKey('raw', bytes('k'), { name: 'HMAC', hash: 'SHA-1' }, false, []),
  kty: () => crypto.subtle.importKey('jwk', { kty: 'RSA', k: 'aa' }, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']),
  alg: () => crypto.subtle.importKey('jwk', { kty: 'oct', k: 'aaaa', alg: 'HS256' }, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']),
  extract: async () => crypto.subtle.exportKey('raw', await crypto.subtle.importKey('raw', bytes('k'), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign'])),
  sign: async () => crypto.subtle.sign('HMAC', await crypto.subtle.importKey('raw', bytes('k'), { name: 'HMAC', hash: 'SHA-1' }, false, ['verify']), bytes('')),
};
for (const [name, work] of Object.entries(fails)) await work().then(() => console.log(name, 'worked'), (e) => console.log(name, e.name.replace('Exception', 'Error')));
const ids = new Set(Array.from({ length: 50 }, () => crypto.randomUUID()));
console.log(ids.size, [...ids].every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)));
for (const Kind of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array]) {
  const array = new Kind(64);
  console.log(crypto.getRandomValues(array) === array, array.some((x) => x !== 0));
}
const part = new Uint8Array(32);
crypto.getRandomValues(part.subarray(8, 24));
console.log(part.subarray(0, 8).every((x) => x === 0), part.subarray(24).every((x) => x === 0), part.subarray(8, 24).some((x) => x > 0));
for (const bad of [new Float32Array(2), new Uint8Array(65537), [1, 2], new DataView(new ArrayBuffer(2))])
  try { crypto.getRandomValues(bad); } catch (e) { console.log(e.name); }
