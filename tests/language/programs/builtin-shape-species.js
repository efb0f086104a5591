// species: what reflection shows.
for (const C of [Array, ArrayBuffer, Map, Set, Promise, RegExp, Object.getPrototypeOf(Uint8Array)]) { const d = Object.getOwnPropertyDescriptor(C, Symbol.species); console.log(C.name, d ? `${typeof d.get} ${d.set} ${+d.enumerable}${+d.configurable} ${d.get.call(5)}` : 'missing', C[Symbol.species] === C); }
