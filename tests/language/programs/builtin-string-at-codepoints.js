// at, codePointAt, fromCodePoint, iteration by code points.
console.log('abc'.at(-1), 'abc'.at(0), 'abc'.at(3), 'abc'.at(-4), 'abc'.at(1.7), 'abc'.at('x'));
console.log('😀a'.codePointAt(0), '😀a'.codePointAt(1), '😀a'.codePointAt(2), 'a'.codePointAt(5), String.fromCodePoint(128512, 97));
console.log([...'a😀é'].length, 'a😀é'.length, Array.from('👍🏽').length, [...'\ud83dx'].length);
try {
  String.fromCodePoint(0x110000);
} catch (e) {
  console.log(e.name);
}
