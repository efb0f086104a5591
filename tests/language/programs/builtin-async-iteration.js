// for await over async generators, sync iterables of promises and own async iterators.
async function* count(n) {
  for (let i = 0; i < n; i++) {
    await null;
    yield i;
  }
}
const seen = [];
for await (const v of count(3)) seen.push(v);
for await (const v of [Promise.resolve('p'), 'q']) seen.push(v);
const own = {
  [Symbol.asyncIterator]() {
    let i = 0;
    return {
      next: async () => ({ value: i, done: i++ >= 2 }),
      return: async () => (seen.push('closed'), { done: true }),
    };
  },
};
for await (const v of own) seen.push('o' + v);
for await (const v of own) {
  seen.push('b' + v);
  break;
}
console.log(seen.join());
