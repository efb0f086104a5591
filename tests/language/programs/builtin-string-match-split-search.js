// match, search and split with and without regular expressions.
console.log(JSON.stringify('a1b22'.match(/\d+/g)), JSON.stringify('abc'.match(/b/)), 'abc'.match(/x/), 'abc'.match(/b/).index, 'abc'.search(/c/), 'abc'.search('z'));
console.log(JSON.stringify('a,b,,c'.split(',')), JSON.stringify('abc'.split('')), JSON.stringify(''.split(',')), JSON.stringify(''.split('')), JSON.stringify('a1b2c'.split(/\d/)), JSON.stringify('a1b2c'.split(/(\d)/)));
console.log(JSON.stringify('a b c'.split(' ', 2)), JSON.stringify('abc'.split()), JSON.stringify('abc'.split(undefined, 0)), JSON.stringify('one  two'.split(/\s+/)));
console.log(JSON.stringify('2024-01-02T03:04'.split(/[-T:]/).map(Number)), 'aXbxc'.split(/x/i).join('|'), 'test'.match().index, 'test'.search());
