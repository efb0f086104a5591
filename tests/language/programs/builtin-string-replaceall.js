// replaceAll with text, functions, special patterns, regular expressions.
console.log('a.b.c'.replaceAll('.', '-'), 'aaa'.replaceAll('aa', 'b'), 'abc'.replaceAll('', '-'), 'x'.replaceAll('y', 'z'));
console.log('aXbX'.replaceAll('X', '[$&$`$\'$$]'), 'aXbX'.replaceAll('X', (m, i, s) => m + i + s.length), 'a1b2'.replaceAll(/\d/g, (d) => d * 2));
console.log('a+b+c'.replaceAll('+', '$1'), 'undefined?'.replaceAll(undefined, 'x'), 'aa'.replaceAll('a', undefined));
for (const bad of [/a/, /a/i]) {
  try {
    'aa'.replaceAll(bad, '');
  } catch (e) {
    console.log(e.name, e.message);
  }
}
