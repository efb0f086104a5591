// Async generators as a pipeline: source, map, filter, take, batches.
async function* source(n) {
  for (let i = 1; i <= n; i++) {
    await null;
    yield i;
  }
}
async function* map(it, f) {
  for await (const v of it) yield f(v);
}
async function* filter(it, f) {
  for await (const v of it) if (await f(v)) yield v;
}
const log = [];
async function* take(it, n) {
  try {
    for await (const v of it) {
      if (n-- <= 0) return;
      yield v;
    }
  } finally {
    log.push('closed');
  }
}
async function* batch(it, size) {
  let b = [];
  for await (const v of it) {
    b.push(v);
    if (b.length === size) {
      yield b;
      b = [];
    }
  }
  if (b.length) yield b;
}
const out = [];
for await (const b of batch(take(filter(map(source(100), (x) => x * x), async (x) => x % 3 !== 0), 7), 3)) out.push(b.join('+'));
console.log(out.join(' | '), log.join());
