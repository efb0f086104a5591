// ToString of primitives, objects and arrays.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
console.log(String(null), String(undefined), String(true), String(-0), String(1e21), String(1e-7), String(NaN));
console.log(String(Symbol('d')), t(() => `${Symbol('d')}`), t(() => '' + Symbol('d')), String(Symbol()), Symbol('x').description);
console.log(String([]), String([null]), String([undefined, null, 1]), String([[], [[]]]), String([1, [2, [3]]]), String({}));
console.log(`${{ toString: () => 'ts', valueOf: () => 'vo' }}`, '' + { toString: () => 'ts', valueOf: () => 'vo' });
console.log(t(() => String(Object.create(null))), t(() => '' + Object.create(null)));
console.log(String({ [Symbol.toStringTag]: 'Tag' }), String(Object.assign(() => 1, { toString: () => 'fn' })));
console.log([1, 2] + [3], [] + {}, [] + [], {} + 1, true + 'x', null + 'x', undefined + 1, 1 + '2' - 1);
console.log(String(new Error('boom')), String(new TypeError()), String(/a\/b/g), String(new String('s')), String(new Boolean(false)));
console.log([Symbol.iterator].map((s) => s.toString()).join(), t(() => [Symbol()].join()));
