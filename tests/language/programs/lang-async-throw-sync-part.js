async function f() { throw new TypeError('first'); }
const p = f();
console.log(p instanceof Promise);
try { await p; } catch (e) { console.log(e.name, e.message); }
async function g(x) { if (x) throw x; return 'fine'; }
for (const v of [0, 'oops', null, 7]) { try { console.log(await g(v)); } catch (e) { console.log('caught', String(e)); } }
