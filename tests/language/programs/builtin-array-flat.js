// flat and flatMap.
console.log(JSON.stringify([1, [2, [3, [4, [5]]]]].flat()), JSON.stringify([1, [2, [3, [4, [5]]]]].flat(2)), JSON.stringify([1, [2, [3, [4]]]].flat(Infinity)));
console.log(JSON.stringify([1, , 3, [4, , 6]].flat()), JSON.stringify([[], [[]]].flat()), JSON.stringify([[1]].flat(0)), JSON.stringify([[1]].flat(-1)));
console.log(JSON.stringify(['a b', 'c'].flatMap((s) => s.split(' '))), JSON.stringify([1, 2].flatMap((x) => [[x]])), JSON.stringify([1, 2].flatMap((x) => x)));
console.log(JSON.stringify([[1, 2], 'ab', { length: 1, 0: 'x' }].flat()));
try {
  [].flatMap(1);
} catch (e) {
  console.log(e.message);
}
