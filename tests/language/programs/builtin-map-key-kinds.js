// Every kind of value is a key of its own: '1' and 1, null and 'null', objects by identity.
const o = {};
const f = () => {};
const s = Symbol('s');
const frozen = Object.freeze({});
const m = new Map();
const keys = [1, '1', null, 'null', undefined, 'undefined', true, 'true', false, o, {}, f, s, Symbol('s'), frozen, Object.freeze([]), 1.5, '1.5', '', '__proto__', 'constructor', -1, Infinity];
keys.forEach((k, i) => m.set(k, i));
console.log(m.size === keys.length, keys.every((k, i) => m.get(k) === i), keys.every((k) => m.has(k)));
console.log(m.get({}), m.get(Symbol('s')), m.has('toString'));
keys.forEach((k, i) => i % 2 && m.delete(k));
console.log(m.size, keys.map((k, i) => m.get(k) === (i % 2 ? undefined : i)).every(Boolean));
