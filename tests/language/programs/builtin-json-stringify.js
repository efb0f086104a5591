// JSON.stringify: replacers, indentation, toJSON, what is left out.
console.log(JSON.stringify({ a: undefined, b: () => 1, c: Symbol('x'), d: NaN, e: -Infinity, f: -0, g: null, h: [undefined, () => 1, Symbol('y')] }));
console.log(JSON.stringify({ a: [1, { b: 2 }], c: 'x' }, null, 2));
console.log(JSON.stringify([1, [2]], null, '--'), JSON.stringify({}, null, 2), JSON.stringify([], null, 2), JSON.stringify({ a: [] }, null, '\t'));
console.log(JSON.stringify({ a: 1, b: 2, c: { a: 3, d: 4 } }, ['a', 'c']), JSON.stringify({ a: 1, b: 'x' }, (k, v) => (typeof v === 'number' ? v + 1 : v)));
console.log(JSON.stringify({ toJSON: (k) => 'key:' + k }), JSON.stringify({ x: { toJSON: (k) => 'key:' + k } }), JSON.stringify(new Date(Date.UTC(2020, 0, 2))), JSON.stringify({ d: new Date(NaN) }));
console.log(JSON.stringify('he said "hi"\\\n\t\u0001\u007f\u2028é😀'), JSON.stringify(undefined), JSON.stringify(() => 1), JSON.stringify(null), JSON.stringify(Object('str')), JSON.stringify([Object(1), Object(true)]));
console.log(JSON.stringify({ 2: 'b', 1: 'a', z: 1, y: 2 }), JSON.stringify({ [Symbol('s')]: 1 }), JSON.stringify(Object.create({ inherited: 1 })), JSON.stringify({ a: 1 }, null, 20).length);
console.log(JSON.stringify({ '': 1, 'a"b': 2, __proto__x: 3 }), JSON.stringify([new Map([[1, 2]]), new Set([1]), /x/, new Error('e')]), JSON.stringify(1e21), JSON.stringify(1e-7), JSON.stringify(0.1 + 0.2));
