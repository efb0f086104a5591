class Loader { static #cache = new Map(); static async load(k) { if (!Loader.#cache.has(k)) { await null; Loader.#cache.set(k, k.toUpperCase()); } return Loader.#cache.get(k); } get ready() { return (async () => { await null; return 'ready'; })(); } }
console.log(await Loader.load('x'), await Loader.load('x'), await new Loader().ready);
