// normalize for Latin, Greek, Cyrillic and Hangul.
const texts = ['é', 'e\u0301', 'ñandú', 'Ångström', 'ệ', 'e\u0323\u0302', 'e\u0302\u0323', 'й', 'ё', '한글', '\u1112\u1161\u11ab', 'ﬁ½²', 'Ａ１', 'plain', 'ǖ', 'Ὰ'.slice(0, 0), 'ά'];
for (const f of ['NFC', 'NFD', 'NFKC', 'NFKD']) {
  console.log(f, texts.map((t) => [...t.normalize(f)].map((c) => c.codePointAt(0).toString(16)).join('.')).join(' '));
}
console.log('Crème Brûlée'.normalize('NFD').replace(/[\u0300-\u036f]/g, ''), 'é'.normalize() === 'e\u0301'.normalize());
let mismatches = 0;
let sum = 0;
for (let c = 0xc0; c < 0x250; c++) {
  const ch = String.fromCharCode(c);
  if (ch.normalize('NFD').normalize('NFC') !== ch) mismatches++;
  sum = (sum * 31 + ch.normalize('NFD').length) % 1000003;
}
console.log(mismatches, sum);
try {
  'a'.normalize('NFX');
} catch (e) {
  console.log(e.name, e.message);
}
