// Cancelling by a flag and by racing.
let cancelled = false;
const steps = [];
async function work() {
  for (let i = 0; i < 10; i++) {
    if (cancelled) return 'cancelled at ' + i;
    steps.push(i);
    await new Promise((r) => setTimeout(r, 4));
  }
  return 'finished';
}
setTimeout(() => (cancelled = true), 9);
const result = await work();
console.log(result.startsWith('cancelled'), steps.length < 10);
const never = new Promise(() => {});
console.log(await Promise.race([never, new Promise((r) => setTimeout(r, 2, 'gave up'))]));
