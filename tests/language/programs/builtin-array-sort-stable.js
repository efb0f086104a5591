// sort is stable, moves undefined and holes to the end, compares as text by default.
const people = [];
for (let i = 0; i < 60; i++) people.push({ k: (i * 7) % 5, i });
people.sort((a, b) => a.k - b.k);
console.log(people.map((p) => p.k + ':' + p.i).join(' '));
console.log([10, 9, 1, 100, 2].sort().join(), [3, undefined, 1, , 2].sort().length, JSON.stringify([3, undefined, 1, , 2].sort()));
console.log(['b', 'a', 'C', 'ä', 'z', '\ud83d\ude00', '\uffee'].sort().join());
console.log([true, false, null, 'x', 5].sort().join(), [1, 2, 3].sort(() => 0).join(), [1, 2, 3, 4].sort((a, b) => b - a).join());
console.log([3, 1, 2].sort(undefined).join());
for (const bad of [null, 5, 'x', {}]) {
  try {
    [1, 2].sort(bad);
  } catch (e) {
    console.log(e.name);
  }
}
