// Array.from: iterables, array-likes, mapping, subclasses.
console.log(JSON.stringify(Array.from('a😀b')), JSON.stringify(Array.from({ length: 3 }, (_, i) => i * i)));
console.log(JSON.stringify(Array.from(new Map([[1, 2]]))), JSON.stringify(Array.from({ length: 2, 0: 'x' })));
console.log(JSON.stringify(Array.from([1, , 3])), JSON.stringify(Array.from(5)), JSON.stringify(Array.from({})));
console.log(
  JSON.stringify(
    Array.from([1, 2], function (v) {
      return v * this.k;
    }, { k: 10 }),
  ),
);
for (const bad of [null, undefined]) {
  try {
    Array.from(bad);
  } catch (e) {
    console.log(e.name);
  }
}
try {
  Array.from([1], 5);
} catch (e) {
  console.log(e.name, e.message);
}
console.log(JSON.stringify(Array.of(7, undefined, null)), Array.of(3).length, Array.from.length, Array.of.length);
function List(n) {
  this.made = n;
}
const l = Array.from.call(List, { length: 2, 0: 'a', 1: 'b' });
console.log(l instanceof List, l.made, l.length, l[1]);
