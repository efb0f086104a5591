// WeakMap and WeakSet: keys are objects only, frozen ones too.
const w = new WeakMap();
const k1 = {};
const k2 = Object.freeze([]);
const k3 = () => {};
w.set(k1, 1).set(k2, 2).set(k3, 3);
console.log(w.get(k1), w.get(k2), w.get(k3), w.has({}), w.get('x'), w.has(null));
console.log(w.delete(k1), w.delete(k1), w.has(k1), w.delete(k2), w.has(k2), w.has(k3));
for (const bad of [1, 'a', null, undefined]) {
  try {
    w.set(bad, 1);
  } catch (e) {
    console.log(e.name, e.message);
  }
}
const s = new WeakSet([k1]);
console.log(s.has(k1), s.has(k2), s.add(k2).has(k2), s.delete(k1), s.has(k1));
console.log(JSON.stringify(k1), Object.keys(k1).length, String(w), new WeakRef(k1).deref() === k1);
const child = Object.create(k3);
console.log(w.has(child), w.get(Object.create(k3)));
