// Deep equality, deep clone, merge, pick and omit, as scripts write them.
const eq = (a, b) => {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const ka = Object.keys(a);
  return ka.length === Object.keys(b).length && ka.every((k) => Object.hasOwn(b, k) && eq(a[k], b[k]));
};
const merge = (a, b) => Object.entries(b).reduce((o, [k, v]) => ({ ...o, [k]: v && typeof v === 'object' && !Array.isArray(v) ? merge(o[k] ?? {}, v) : v }), a);
const pick = (o, ...ks) => Object.fromEntries(ks.filter((k) => k in o).map((k) => [k, o[k]]));
const omit = (o, ...ks) => Object.fromEntries(Object.entries(o).filter(([k]) => !ks.includes(k)));
const a = { x: 1, y: { z: [1, { w: 2 }] } };
console.log(eq(a, structuredClone(a)), eq(a, { ...a, x: 2 }), eq([1], { 0: 1 }), eq(NaN, NaN), eq({}, null));
console.log(JSON.stringify(merge({ a: { b: 1, c: 2 }, d: 1 }, { a: { c: 3, e: { f: 4 } }, d: [1] })));
console.log(JSON.stringify(pick(a, 'x', 'nope')), JSON.stringify(omit(a, 'x')), JSON.stringify(Object.entries({ b: 2, a: 1 }).sort().flat()));
const path = (o, p) => p.split('.').reduce((v, k) => v?.[k], o);
console.log(path(a, 'y.z.1.w'), path(a, 'y.q.r'), JSON.stringify(Object.keys(a).map((k) => [k.toUpperCase(), typeof a[k]])));
