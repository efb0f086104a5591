// The whole table of ==.
const vs = [undefined, null, true, false, 0, -0, 1, NaN, '', '0', '1', 'true', [], [0], [1], {}, '[object Object]', Symbol.iterator, Infinity, 'Infinity', [[]], [null], ' \n'];
vs.forEach((a, i) => console.log(i, vs.map((b) => (a == b ? 1 : 0)).join(''), vs.map((b) => (a === b ? 1 : 0)).join(''), vs.map((b) => (Object.is(a, b) ? 1 : 0)).join('')));
console.log(new String('a') == 'a', new String('a') == new String('a'), new Number(1) == true, Object(Symbol.iterator) == Symbol.iterator);
console.log(null == 0, undefined == false, null >= 0, null > 0, undefined >= 0, NaN != NaN, 1 == { valueOf: () => '1' });
