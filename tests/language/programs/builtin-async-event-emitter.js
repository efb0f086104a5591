// An event emitter with once, and waiting for an event.
class Emitter {
  #map = new Map();
  on(e, f) {
    if (!this.#map.has(e)) this.#map.set(e, new Set());
    this.#map.get(e).add(f);
    return () => this.#map.get(e).delete(f);
  }
  once(e) {
    return new Promise((r) => {
      const off = this.on(e, (v) => {
        off();
        r(v);
      });
    });
  }
  emit(e, v) {
    for (const f of this.#map.get(e) ?? []) f(v);
    return this.#map.get(e)?.size ?? 0;
  }
}
const em = new Emitter();
const got = [];
const off = em.on('x', (v) => got.push('a' + v));
em.on('x', (v) => got.push('b' + v));
const p = em.once('x');
console.log(em.emit('x', 1), em.emit('y', 1));
off();
console.log(em.emit('x', 2), await p, got.join());
