function* inner(n) { const got = yield 'in' + n; console.log('inner got', got); return 'ret' + n; }
function* outer() { const a = yield* inner(1); console.log(a); const b = yield* inner(2); yield* [7, 8]; yield* 'hi'; return a + b; }
const it = outer(); console.log(it.next().value, it.next('A').value, it.next('B').value);
console.log(JSON.stringify([...it]));
function* closes() { try { yield* { [Symbol.iterator]: () => ({ next: () => ({ value: 'v', done: false }), return: (v) => { console.log('inner return', v); return { value: 'iv', done: true }; } }) }; } finally { console.log('outer finally'); } }
const c = closes(); c.next(); console.log(JSON.stringify(c.return('bye')));
function* thrower() { try { yield* (function* () { try { yield 1; } catch (e) { console.log('inner caught', e); yield 2; } })(); } catch (e) { console.log('outer', e); } }
const t = thrower(); t.next(); console.log(JSON.stringify(t.throw('X')), JSON.stringify(t.next()));
function* noThrow() { yield* { [Symbol.iterator]() { return { next() { return { value: 1, done: false }; }, return() { console.log('closed'); return {}; } }; } }; }
const n = noThrow(); n.next(); try { n.throw(new Error('gone')); } catch (e) { console.log(e.name); }
