// entries, values, fromEntries: order of keys, inherited and hidden ones left out.
const o = { b: 1, 2: 'two', a: 3, 1: 'one', [Symbol('s')]: 0 };
console.log(JSON.stringify(Object.entries(o)), JSON.stringify(Object.values(o)), Object.keys(o).join());
console.log(JSON.stringify(Object.entries('ab')), JSON.stringify(Object.values([5, , 6])), Object.entries(5).length);
const c = Object.create({ inherited: 1 }, { hidden: { value: 2 }, shown: { value: 3, enumerable: true } });
console.log(JSON.stringify(Object.entries(c)), JSON.stringify(Object.fromEntries([['x', 1], ['y', 2], ['x', 3]])));
console.log(JSON.stringify(Object.fromEntries(new Map([['m', 1]]))), JSON.stringify(Object.fromEntries(Object.entries(o).map(([k, v]) => [v, k]))));
for (const f of [() => Object.entries(null), () => Object.values(undefined), () => Object.fromEntries([5]), () => Object.fromEntries(null)]) {
  try {
    f();
  } catch (e) {
    console.log(e.name);
  }
}
const order = [];
for (const k in { z: 1, 10: 1, y: 1, 9: 1, '-1': 1, '01': 1 }) order.push(k);
console.log(order.join());
