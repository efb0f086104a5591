// A pattern reads the values of an iterator before it assigns the first.
const log = []; const it = { *[Symbol.iterator]() { log.push('one'); yield 1; log.push('two'); yield 2; } }; const o = { set a(v) { log.push('set a'); }, set b(v) { log.push('set b'); } };
[o.a, o.b] = it; console.log(log.join());
