// A queue that serialises tasks by chaining promises.
class Queue {
  #tail = Promise.resolve();
  add(task) {
    const run = this.#tail.then(task);
    this.#tail = run.catch(() => {});
    return run;
  }
}
const q = new Queue();
const order = [];
const job = (name, ms, fails) => async () => {
  order.push('start ' + name);
  await new Promise((r) => setTimeout(r, ms));
  order.push('end ' + name);
  if (fails) throw new Error(name);
  return name;
};
const outcomes = await Promise.allSettled([q.add(job('a', 6)), q.add(job('b', 1, true)), q.add(job('c', 2))]);
console.log(order.join(', '));
console.log(outcomes.map((o) => o.status[0] + (o.value ?? o.reason.message)).join());
