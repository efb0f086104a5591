// String.raw and escapes in templates.
console.log(String.raw`a\n${1 + 1}\u0041`, String.raw`\\`.length, `\x41\u{1F600}\u00e9`);
console.log(String.raw({ raw: ['x', 'y', 'z'] }, 1, 2, 3), String.raw({ raw: 'abc' }, '-', '+'), String.raw({ raw: [] }) === '');
const tag = (s, ...v) => s.raw.join('|') + v.join('+') + s.length;
console.log(tag`a${1}b\t${2}c`);
