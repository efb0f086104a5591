const list = (bytes) => Array.from(bytes).join();
const e = new TextEncoder();
console.log(e.encoding, list(e.encode('aü€😀')), list(e.encode('\ud800x\udc00')), list(e.encode()), list(e.encode(null)), e.encode('x') instanceof Uint8Array);
for (const [text, size] of [['abc', 5], ['abc', 2], ['ü€', 4], ['😀x', 4], ['😀', 3], ['\ud800', 3], ['', 1], ['aé', 0]]) {
  const target = new Uint8Array(size); const r = e.encodeInto(text, target); console.log(r.read, r.written, list(target));
}
const d = (bytes, label, options, more) => { try { return JSON.stringify(new TextDecoder(label, options).decode(bytes && new Uint8Array(bytes), more)); } catch (x) { return x.name; } };
for (const bytes of [[0x41], [0xc3, 0xbc], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0x98, 0x80], [0xff], [0xc3], [0xe2, 0x82], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80], [0xf0, 0x9f, 0x41], [0xef, 0xbb, 0xbf, 0x41], [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf], [0xe0, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80, 0x80], []])
  console.log(d(bytes), d(bytes, 'utf8', { fatal: true }), d(bytes, 'utf-8', { ignoreBOM: true }));
for (const label of ['utf-16le', 'UTF-16', ' latin1\n', 'iso-8859-1', 'windows-1252', 'ascii', 'unicode-1-1-utf-8']) console.log(new TextDecoder(label).encoding, d([0x41, 0, 0xe4, 0xf6], label));
for (const bytes of [[0x3d, 0xd8, 0, 0xde], [0x3d, 0xd8], [0, 0xde, 0x41, 0], [0x41], [0xff, 0xfe, 0x41, 0], [0x3d, 0xd8, 0x41, 0], [0x41, 0, 0x42]]) console.log(d(bytes, 'utf-16le'), d(bytes, 'utf-16le', { fatal: true }), d(bytes, 'utf-16le', { ignoreBOM: true }));
for (const [label, bytes] of [['utf-8', [0xef, 0xbb, 0xbf, 0xf0, 0x9f, 0x98, 0x80, 0xe2, 0x82]], ['utf-16le', [0xff, 0xfe, 0x3d, 0xd8, 0, 0xde, 0x41]]]) {
  const decoder = new TextDecoder(label); let text = '';
  for (const byte of bytes) text += decoder.decode(new Uint8Array([byte]), { stream: true }) + '|';
  console.log(JSON.stringify(text + decoder.decode()), JSON.stringify(decoder.decode(new Uint8Array(bytes))));
}
const fatal = new TextDecoder('utf-8', { fatal: true });
try { fatal.decode(new Uint8Array([0xff])); } catch (x) { console.log(x.name, x.code); }
console.log(fatal.decode(new Uint8Array([0x42])), fatal.fatal, fatal.ignoreBOM, fatal.encoding);
try { new TextDecoder('nope'); } catch (x) { console.log(x.name); }
for (const bad of [() => TextDecoder(), () => TextEncoder(), () => fatal.decode('x'), () => fatal.decode(5), () => e.encodeInto('x', [])]) try { console.log('no error', bad()); } catch (x) { console.log(x.name); }
console.log(new TextDecoder().decode(new Uint8Array([0x61, 0x62, 0x63]).subarray(1)), new TextDecoder().decode(new Uint8Array([0x61]).buffer), new TextDecoder().decode(new DataView(new Uint8Array([0x61, 0x62]).buffer, 1)), new TextDecoder().decode());
console.log(String(e), String(fatal), TextDecoder.length, new TextDecoder('latin1').decode(Uint8Array.from({ length: 256 }, (_, i) => i)).length);
