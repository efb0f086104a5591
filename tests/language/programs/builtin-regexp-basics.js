// exec, test, lastIndex, flags, source.
const re = /(\d+)-(\w+)?/g;
console.log(JSON.stringify(re.exec('x 12-ab 3-')), re.lastIndex, JSON.stringify(re.exec('x 12-ab 3-')), re.lastIndex, re.exec('x 12-ab 3-'), re.lastIndex);
console.log(/a/gi.flags, /a\/b/.source, new RegExp('a/b').source, new RegExp('').source, RegExp('a', 'g').global, /a/.test('cat'), new RegExp(/q/g, 'i').flags);
console.log(/^b/m.test('a\nb'), /a.c/.test('a\nc'), /[\s\S]/.test('\n'), /\bfoo\b/.test('a foo b'), /(a)|(b)/.exec('b')[1], /(?:x)(?=y)/.exec('xy')[0], /x(?!y)/.test('xy'));
console.log('aaa'.match(/a{2}/)[0], 'aaa'.match(/a+?/)[0], 'abab'.match(/(ab)\1/)[0], /[^\d\s]+/.exec('12 ab3')[0], /\u0041/.test('A'), /[\u4e00-\u9fa5]/.test('中'), /\./.test('.'));
const sticky = /b/g;
sticky.lastIndex = 2;
console.log(sticky.test('abab'), sticky.lastIndex, sticky.test('abab'), sticky.lastIndex);
for (const bad of ['(', '[', '*a', 'a**', '\\']) {
  try {
    new RegExp(bad);
    console.log('no error', bad);
  } catch (e) {
    console.log(e.name);
  }
}
