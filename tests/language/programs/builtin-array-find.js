// find, findIndex, findLast, findLastIndex: arguments, holes, misses.
const a = [5, 12, 8, 130, 44];
console.log(a.find((x) => x > 10), a.findIndex((x) => x > 10), a.findLast((x) => x > 10), a.findLastIndex((x) => x > 10));
console.log(a.find((x) => x > 1000), a.findIndex((x) => x > 1000), a.findLast(() => false), a.findLastIndex(() => false));
const holes = [1, , 3];
const visited = [];
holes.find((v, i) => void visited.push(i + ':' + v));
console.log(visited.join());
console.log(
  a.find(function (x, i, all) {
    return this.n === x && all === a && i === 2;
  }, { n: 8 }),
);
try {
  a.find('no');
} catch (e) {
  console.log(e.name, e.message);
}
