// FNV, djb2, murmur-like and LCG arithmetic on 32 bits.
const fnv = (s) => [...s].reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 16777619) >>> 0, 2166136261);
const djb2 = (s) => { let h = 5381; for (let i = 0; i < s.length; i++) h = ((h << 5) + h + s.charCodeAt(i)) | 0; return h >>> 0; };
const mix = (x) => { x ^= x >>> 16; x = Math.imul(x, 0x85ebca6b); x ^= x >>> 13; x = Math.imul(x, 0xc2b2ae35); return (x ^ (x >>> 16)) >>> 0; };
console.log(fnv('hello'), djb2('hello'), mix(12345), mix(-1), [1, 2, 3].map(mix).join());
let lcg = 42;
const r = Array.from({ length: 5 }, () => (lcg = (Math.imul(lcg, 1664525) + 1013904223) >>> 0));
console.log(r.join(), (0xffffffff + 1) | 0, 0xffffffff >>> 0, 1 << 32, 1 << -1, -1 >>> 31, 2 ** 32 >> 1, ~~-7.9);
const rot = (s, n) => s.replace(/[a-z]/gi, (c) => String.fromCharCode(((c.charCodeAt(0) - (c < 'a' ? 65 : 97) + n) % 26) + (c < 'a' ? 65 : 97)));
console.log(rot('Hello, World', 13), rot(rot('xyz', 13), 13));
