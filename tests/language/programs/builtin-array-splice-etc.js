// The old methods with odd arguments.
const a = [1, 2, 3, 4, 5];
console.log(a.splice(1, 2).join(), a.join(), a.splice(-1).join(), a.join(), a.splice(1, 0, 'x', 'y').length, a.join());
console.log([1, 2, 3].indexOf(3, -1), [1, 2, 1].lastIndexOf(1, -2), [3, 2, 1].reverse().join(), [1, 2, 3].reduceRight((x, y) => x + '' + y));
console.log([1, [2, [3]]].toString(), String([null, undefined, 1]), [[], [[]]].toString() === ',', [1, 2].concat(3, [4, [5]]).length);
const b = [1, 2, 3];
console.log(b.unshift(0), b.shift(), b.pop(), b.push(7, 8), b.join());
try {
  [].reduce((x) => x);
} catch (e) {
  console.log(e.name);
}
console.log([5].reduce((x) => x * 100), [].reduce((x) => x, 'init'), Array.isArray(new Proxy([], {})));
b.length = 1;
console.log(b.join(), new Array(3).length, new Array('3').length, Array(2, 3).join());
try {
  new Array(-1);
} catch (e) {
  console.log(e.name, e.message);
}
