// A read-write lock: who gets in when.
class RW {
  #readers = 0;
  #writing = false;
  #queue = [];
  #pump() {
    while (this.#queue.length) {
      const { write, resolve } = this.#queue[0];
      if (write ? this.#writing || this.#readers : this.#writing) return;
      this.#queue.shift();
      if (write) this.#writing = true;
      else this.#readers++;
      resolve(() => {
        if (write) this.#writing = false;
        else this.#readers--;
        this.#pump();
      });
    }
  }
  lock(write) {
    return new Promise((resolve) => {
      this.#queue.push({ write, resolve });
      this.#pump();
    });
  }
}
const rw = new RW();
const log = [];
const use = async (name, write, ms) => {
  const release = await rw.lock(write);
  log.push('+' + name);
  await new Promise((r) => setTimeout(r, ms));
  log.push('-' + name);
  release();
};
await Promise.all([use('r1', false, 4), use('r2', false, 8), use('w1', true, 2), use('r3', false, 1), use('w2', true, 1)]);
console.log(log.join(' '));
