class A { #m() { return 'm' + this.v; } static #s() { return 's'; } get #g() { return 'g'; } set #g(v) { this.v = v; } v = 1; call() { return this.#m() + A.#s() + this.#g; } setG(x) { this.#g = x; return this.v; } static has(o) { return #m in o; } steal(o) { return o.#m(); } write() { this.#m = 1; } async *#ag() { yield 1; } async ag() { for await (const x of this.#ag()) return x; } }
const a = new A(); console.log(a.call(), a.setG(5), A.has(a), A.has({}), await a.ag());
for (const f of [() => a.steal({}), () => a.write(), () => A.prototype.call.call({})]) try { f(); } catch (e) { console.log(e.name); }
console.log(Object.getOwnPropertyNames(a).join(), Object.getOwnPropertyNames(A.prototype).join(), JSON.stringify(a));
