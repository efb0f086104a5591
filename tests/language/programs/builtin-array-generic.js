// Array methods on array-likes and strings.
const like = { length: 3, 0: 'a', 1: 'b', 2: 'c' };
console.log(Array.prototype.map.call(like, (x) => x + x).join(), Array.prototype.join.call('abc', '-'), Array.prototype.filter.call('a1b2', (c) => c > '9').join(''));
Array.prototype.push.call(like, 'd');
console.log(like.length, like[3]);
console.log(Array.prototype.flat.call({ length: 2, 0: [1], 1: 2 }).join(), Array.prototype.find.call('xyz', (c) => c > 'x'));
console.log(Array.prototype.slice.call(like, 1, 3).join(), Array.prototype.concat.call(1, 2).length);
(function () {
  console.log(Array.from(arguments).join(), [...arguments].length, Array.prototype.slice.call(arguments, 1).join());
})(1, 2, 3);
