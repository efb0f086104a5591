// TextEncoder and TextDecoder.
const e = new TextEncoder();
const d = new TextDecoder();
console.log(e.encode('aé€😀').join(), d.decode(new Uint8Array([97, 195, 169, 226, 130, 172])), e.encode().length, e.encoding, d.encoding, d.decode(e.encode('round trip ü')) === 'round trip ü');
console.log([...d.decode(new Uint8Array([255, 97]))].map((c) => c.codePointAt(0).toString(16)).join(), d.decode(new Uint8Array([0xef, 0xbb, 0xbf, 65])).length);
