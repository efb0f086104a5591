// An assignment before the declaration has run, in another clause or in a closure.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
console.log(t(() => { const set = () => (x = 1); set(); let x = 5; return x; }), t(() => { switch (1) { case 0: let q; case 1: q = 2; return q; } }));
