// Map: insertion order, overwriting keeps the place, NaN and -0 as keys, size.
const m = new Map([['a', 1], ['b', 2]]);
m.set('c', 3).set('a', 10);
console.log(JSON.stringify([...m]), m.size);
m.delete('b');
m.set('b', 4);
console.log([...m.keys()].join(), [...m.values()].join());
const n = new Map([[NaN, 'nan'], [0, 'zero'], [-0, 'minus zero']]);
console.log(n.size, n.get(NaN), n.get(0), n.get(-0), Object.is([...n.keys()][1], 0));
console.log(m.has('a'), m.has('z'), m.get('z'), m.delete('z'), m.delete('a'), m.size);
m.clear();
console.log(m.size, JSON.stringify([...m]));
