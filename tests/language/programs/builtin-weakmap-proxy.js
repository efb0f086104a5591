// A proxy and its target are different keys.
const target = {};
const proxy = new Proxy(target, {});
const w = new WeakMap([[target, 't']]);
console.log(w.has(proxy), w.get(proxy));
w.set(proxy, 'p');
console.log(w.get(target), w.get(proxy));
const m = new Map([[target, 1], [proxy, 2]]);
console.log(m.size, m.get(target), m.get(proxy));
m.delete(target);
console.log(m.has(target), m.has(proxy), new Set([proxy, target, proxy]).size);
