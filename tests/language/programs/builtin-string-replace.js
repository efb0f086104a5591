// replace with patterns and functions, the specials of the replacement text.
console.log('John Smith'.replace(/(\w+)\s(\w+)/, '$2, $1'), 'abc'.replace('b', '[$&]'), 'abc'.replace('b', "$`$'"), 'abc'.replace('x', 'y'));
console.log('aaa'.replace(/a/g, (m, o) => o), 'x-1 y-2'.replace(/([a-z])-(\d)/g, (m, a, b, off, str) => `${b}${a}@${off}/${str.length}`));
console.log('$100'.replace('$', 'USD '), 'cost'.replace('cost', '$$5'), 'abc'.replace('b', () => '$&'), 'abc'.replace(/(x)?b/, '<$1>'));
console.log('aBc'.replace(/[A-Z]/g, (c) => '_' + c.toLowerCase()), 'a.b'.replace('.', undefined), 'null'.replace(null, 'x'));
console.log('price: 12.50'.replace(/\d+\.(\d+)/, '$$$1'), 'abcabc'.replace(/b(c)/g, '$11$01$2'));
