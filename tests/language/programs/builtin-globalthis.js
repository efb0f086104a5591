// The global object and what a script may put there.
globalThis.shared = { n: 1 };
console.log(shared.n, 'shared' in globalThis, typeof globalThis, globalThis.globalThis === globalThis);
console.log(['Object', 'Promise', 'Map', 'setTimeout', 'console', 'structuredClone', 'queueMicrotask'].map((n) => Object.getOwnPropertyDescriptor(globalThis, n).writable + '/' + Object.getOwnPropertyDescriptor(globalThis, n).configurable).join());
console.log(typeof Duktape, typeof CBOR, typeof undefinedThing, typeof eval, delete globalThis.shared, typeof shared);
for (const n of ['NaN', 'Infinity', 'undefined']) console.log(n, Object.getOwnPropertyDescriptor(globalThis, n).writable);
