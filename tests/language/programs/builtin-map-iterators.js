// Map iterators: shape, independence, exhaustion, tags.
const m = new Map([['x', 1], ['y', 2]]);
const it = m.entries();
console.log(JSON.stringify(it.next()), it[Symbol.iterator]() === it, Object.prototype.toString.call(it));
console.log(JSON.stringify([...it]), JSON.stringify(it.next()));
m.set('z', 3);
console.log(JSON.stringify(it.next()));
console.log(Map.prototype[Symbol.iterator] === Map.prototype.entries, Object.prototype.toString.call(m), String(new Set()));
console.log(Set.prototype.keys === Set.prototype.values, Set.prototype[Symbol.iterator] === Set.prototype.values);
console.log(JSON.stringify([...new Set('hello').entries()].slice(0, 2)));
console.log(JSON.stringify(Array.from(m, ([k, v]) => k + v)), JSON.stringify(Object.fromEntries(m)));
