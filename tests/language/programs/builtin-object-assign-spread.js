// assign and spread: order, getters, symbols, null sources.
const s = Symbol('s');
const src = {
  a: 1,
  get b() {
    return 'got';
  },
  [s]: 2,
};
const t = Object.assign({ z: 0 }, src, null, undefined, 'xy', [7]);
console.log(JSON.stringify(t), t[s], JSON.stringify({ ...src, a: 5, ...{ c: 1 } }), JSON.stringify({ ...null, ...undefined, ...5, ...'hi' }));
const { a, ...rest } = { a: 1, b: 2, c: 3 };
console.log(a, JSON.stringify(rest), JSON.stringify({ ...[1, 2] }));
console.log(Object.is(NaN, NaN), Object.is(0, -0), Object.getPrototypeOf(Object.create(null)), JSON.stringify(Object.assign([1, 2], [3])));
