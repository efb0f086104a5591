const log = [];
const make = (n) => ({ [Symbol.iterator]() { let i = 0; return { next() { log.push('n'); return i < n ? { value: i++, done: false } : { value: 'end', done: true }; }, return(v) { log.push('ret'); return {}; } }; } });
for (const x of make(3)) if (x === 1) break;
try { for (const x of make(3)) throw new Error('body'); } catch (e) { log.push(e.message); }
(function () { for (const x of make(3)) return x; })();
outer: for (const a of [1, 2]) { for (const x of make(5)) { if (x === 1) continue outer; } }
for (const x of make(2));
const [a] = make(3); const [b, c, d] = make(2); const [e, ...rest] = make(2); const [] = make(1);
console.log(log.join(' '), a, b, c, d, e, rest.join());
