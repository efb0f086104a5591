// Methods of arrays take a length of -1 for the largest there is.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
console.log(t(() => Array.prototype.slice.call({ length: -1 }).length));
