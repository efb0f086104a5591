const o = { name: 'obj', async m() { await null; return this.name; }, async arrow() { const f = async () => { await null; return this.name; }; return f(); } };
console.log(await o.m(), await o.arrow());
async function f() { await null; return this && this.v; }
console.log(await f.call({ v: 1 }), await f.apply({ v: 2 }), await f.bind({ v: 3 })());
class A { constructor() { this.n = 5; this.go = async () => { await null; return this.n; }; } async m() { await null; return this.n; } static async s() { await null; return this.name; } }
const a = new A();
console.log(await a.go(), await a.m(), await A.s());
