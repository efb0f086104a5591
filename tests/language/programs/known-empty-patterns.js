// An empty pattern does not look at its value.
const t = (f) => { try { f(); return 'ok'; } catch (e) { return e.name; } };
console.log(t(() => { const {} = null; }), t(() => { [] = 5; }));
