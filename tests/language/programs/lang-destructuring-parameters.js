function f({ a, b = a, ...r }, [c, ...d] = [9], e = () => a + c, ...rest) { a++; return [a, b, JSON.stringify(r), c, d.join('/'), e(), rest.length, arguments.length].join(); }
console.log(f({ a: 1, z: 2 }), f({ a: 1, b: 3 }, [4, 5, 6], undefined, 1, 2));
const g = ({ x, y } = { x: 'dx', y: 'dy' }) => x + y; console.log(g(), g({ x: 1, y: 2 }));
class K { set v({ a, b }) { this.s = a + b; } m([a] = ['def']) { return a; } } const k = new K(); k.v = { a: 1, b: 2 }; console.log(k.s, k.m(), k.m(['x']));
try { (({ a }) => a)(); } catch (e) { console.log(e.name); } console.log([[1, 2], [3, 4]].map(([p, q]) => p * q).join(), Object.entries({ k: 1 }).map(([n, v]) => n + v).join());
const swap = ([a, b]) => [b, a]; console.log(swap(swap([1, 2])).join()); function shadow(a, { a: b } = { a }) { var a; return a + b; } console.log(shadow(2));
