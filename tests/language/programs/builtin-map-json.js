// Maps and Sets have no own enumerable properties.
const m = new Map([['a', 1]]);
console.log(JSON.stringify(m), JSON.stringify(new Set([1])), Object.keys(m).length, Object.getOwnPropertyNames(m).length);
m.extra = 5;
console.log(JSON.stringify(m), JSON.stringify({ ...m }));
console.log(JSON.stringify(Object.assign({}, new Set([1, 2]))));
console.log(JSON.stringify([...Object.getOwnPropertySymbols(m)].length));
Object.freeze(m);
m.set('b', 2);
console.log(m.size);
