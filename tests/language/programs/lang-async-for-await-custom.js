class Ticker { constructor(n) { this.n = n; } [Symbol.asyncIterator]() { let i = 0; const n = this.n; return { next: async () => (i < n ? { value: i++, done: false } : { value: undefined, done: true }), return: async (v) => { console.log('return called'); return { value: v, done: true }; } }; } }
for await (const t of new Ticker(3)) console.log(t);
outer: for await (const t of new Ticker(5)) { for (const u of [1, 2]) { if (t === 1) continue outer; if (t === 2) break outer; console.log(t, u); } }
try { for await (const t of new Ticker(2)) throw new Error('body ' + t); } catch (e) { console.log(e.message); }
try { for await (const t of 5) console.log(t); } catch (e) { console.log(e.name); }
try { for await (const x of [Promise.reject(new Error('elem'))]) console.log(x); } catch (e) { console.log(e.message); }
