// Traps that the engine does not call.
const log = []; const h = {}; for (const k of ['getPrototypeOf', 'setPrototypeOf', 'isExtensible', 'preventExtensions', 'getOwnPropertyDescriptor', 'defineProperty']) h[k] = (...a) => (log.push(k), Reflect[k](...a));
const p = new Proxy({ a: 1 }, h); Object.getPrototypeOf(p); Object.setPrototypeOf(p, null); Object.isExtensible(p); Object.getOwnPropertyDescriptor(p, 'a'); Object.defineProperty(p, 'b', { value: 1 }); Object.preventExtensions(p); console.log(log.join());
