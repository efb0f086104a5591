// A pool of workers that share a queue, as scripts write it.
const jobs = [5, 1, 3, 2, 4];
const done = [];
let running = 0;
let most = 0;
async function worker() {
  while (jobs.length) {
    const ms = jobs.shift();
    running++;
    most = Math.max(most, running);
    await new Promise((r) => setTimeout(r, ms * 4));
    running--;
    done.push(ms);
  }
}
await Promise.all([worker(), worker()]);
console.log(done.length, most, [...done].sort().join());
