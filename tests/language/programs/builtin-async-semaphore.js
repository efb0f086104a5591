// At most n at a time.
class Semaphore {
  constructor(n) {
    this.free = n;
    this.waiting = [];
  }
  async acquire() {
    if (this.free > 0) {
      this.free--;
      return;
    }
    await new Promise((r) => this.waiting.push(r));
  }
  release() {
    const next = this.waiting.shift();
    if (next) next();
    else this.free++;
  }
}
const s = new Semaphore(3);
let now = 0;
let most = 0;
const done = [];
await Promise.all(
  Array.from({ length: 9 }, async (_, i) => {
    await s.acquire();
    most = Math.max(most, ++now);
    await new Promise((r) => setTimeout(r, 2));
    now--;
    done.push(i);
    s.release();
  }),
);
console.log(most, done.join());
