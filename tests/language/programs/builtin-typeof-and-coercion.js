// typeof, truthiness, conversions by operators.
const vals = [0, 1, '', 'a', null, undefined, NaN, [], {}, () => 1, Symbol('s'), true, new Date(0), /x/, new Map(), class {}];
console.log(vals.map((v) => typeof v).join(), vals.map((v) => (v ? 1 : 0)).join(''), vals.map((v) => !!v === Boolean(v)).every(Boolean));
console.log('5' * '2', '5' + 2, 5 + +'2', '5' - 2, true + true, [] + 1, null + 1, undefined + 1, '3' ** 2, -'4', +[], +{}, +[5], +null, +true, +'', +new Date(7));
console.log([1, 2] + [3], {} + [], `${[]}`, String({}), [null] + '', [undefined] == '', 1 < 2 < 3, 3 > 2 > 1, '2' > '12', 2 > '12');
console.log(void 0, typeof null, typeof undeclared, typeof typeof 1, delete {}.x, (1, 2), !'' + 1);
