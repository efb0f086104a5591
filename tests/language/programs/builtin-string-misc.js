// repeat, includes, startsWith, endsWith, slice, substring, substr, concat, indexOf.
console.log('ab'.repeat(3), 'ab'.repeat(0) === '', 'abc'.includes('b', 2), 'abc'.startsWith('b', 1), 'abc'.endsWith('b', 2), 'abc'.slice(-2, -1), 'abc'.substring(2, 0), 'abcdef'.substr(-3, 2));
console.log('a'.concat(1, null, undefined), 'abcabc'.indexOf('c', 3), 'abcabc'.lastIndexOf('c', 4), 'abc'.charAt(9) === '', 'abc'.charCodeAt(9), 'abc'[1], 'abc'[9]);
for (const f of [() => 'a'.repeat(-1), () => 'abc'.includes(/b/), () => 'a'.startsWith(/a/), () => String.prototype.at.call(null, 0), () => 'a'.repeat(Infinity)]) {
  try {
    f();
    console.log('no error');
  } catch (e) {
    console.log(e.name);
  }
}
console.log('İ'.length, 'straße'.toUpperCase(), 'ÀÉ'.toLowerCase(), 'Σ'.toLowerCase(), 'ǆ'.toUpperCase(), 'I'.toLocaleLowerCase());
console.log('a\u0000b'.length, 'x' < 'y', '10' < '9', 'a' < 'B', '' < 'a', 'abc'.localeCompare('abd'), '\u{10ffff}'.length);
console.log(escape('ü x'), unescape('%u0107'), encodeURIComponent('a b&ü/€'), encodeURI('http://x/ü?a=b c'), decodeURIComponent('%E2%82%AC'));
