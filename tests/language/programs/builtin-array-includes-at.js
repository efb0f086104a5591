// includes with NaN and from-index; at with negative and fractional indices.
const a = [1, NaN, 'x', undefined, -0];
console.log(a.includes(NaN), a.indexOf(NaN), a.includes(0), a.includes('X'), a.includes(undefined), [,].includes(undefined));
console.log([1, 2, 3].includes(1, 1), [1, 2, 3].includes(3, -1), [1, 2, 3].includes(1, -10), [1].includes(1, 5));
console.log(['a', 'b', 'c'].at(-1), ['a', 'b', 'c'].at(0), ['a'].at(5), ['a'].at(-2), ['a', 'b'].at(1.9), ['a'].at('x'), ['q'].at());
console.log(Array.prototype.at.call({ length: 2, 1: 'l' }, -1), Array.prototype.includes.call('abc', 'b'));
