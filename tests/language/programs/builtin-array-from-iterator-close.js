// Array.from closes the iterator when the mapper throws.
let closed = 0;
const iterable = {
  [Symbol.iterator]() {
    let i = 0;
    return {
      next: () => ({ value: i++, done: i > 5 }),
      return() {
        closed++;
        return {};
      },
    };
  },
};
try {
  Array.from(iterable, (v) => {
    if (v === 2) throw new Error('stop');
    return v;
  });
} catch (e) {
  console.log(e.message, closed);
}
console.log(Array.from(iterable).join(), closed);
const [first] = iterable;
console.log(first, closed);
for (const v of iterable) if (v === 1) break;
console.log(closed);
