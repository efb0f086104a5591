// Names, lengths and attributes of what ES2022 puts on globalThis.
const o = globalThis;
const show = (n) => { const v = o[n]; console.log(n, typeof v, typeof v === 'function' ? `${v.name}/${v.length}` : ''); };
for (const n of 'Number Object Promise Proxy RangeError ReferenceError RegExp Set String Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet'.split(' ')) show(n);
