// Retry with backoff: the loop every trading script has.
let calls = 0;
async function flaky() {
  calls++;
  if (calls < 4) throw new Error('try ' + calls);
  return 'ok after ' + calls;
}
async function retry(fn, times) {
  for (let i = 1; ; i++) {
    try {
      return await fn();
    } catch (e) {
      console.log('failed:', e.message);
      if (i >= times) throw e;
      await new Promise((r) => setTimeout(r, i));
    }
  }
}
console.log(await retry(flaky, 5));
calls = -10;
await retry(flaky, 2).catch((e) => console.log('gave up:', e.message));
