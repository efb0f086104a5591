// Exponential backoff with a cap, a budget and a fake clock.
const delays = [];
const retry = async (fn, { tries = 6, base = 100, cap = 1000, budget = 2000 } = {}) => {
  let spent = 0;
  for (let i = 0; i < tries; i++) {
    try {
      return await fn(i);
    } catch (e) {
      const d = Math.min(cap, base * 2 ** i);
      if (spent + d > budget || i === tries - 1) throw new Error(`gave up after ${i + 1}: ${e.message}`, { cause: e });
      spent += d;
      delays.push(d);
    }
  }
};
console.log(await retry(async (i) => { if (i < 3) throw new Error('e' + i); return 'ok' + i; }), delays.join());
delays.length = 0;
await retry(async () => { throw new RangeError('always'); }).catch((e) => console.log(e.message, e.cause.name, delays.join()));
