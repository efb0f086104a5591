class P extends Promise { static get [Symbol.species]() { return Promise; } note() { return 'note'; } }
class Q extends Promise {}
const p = new P((r) => setTimeout(r, 1, 'value'));
console.log(p instanceof P, p instanceof Promise, p.note(), await p, p.then(() => 1) instanceof P);
const q = Q.resolve(3);
console.log(q instanceof Q, q.then((x) => x) instanceof Q, await q, q.constructor.name);
