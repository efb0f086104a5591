// Arguments are passed on; the delay is coerced.
const got = [];
setTimeout((...args) => got.push(args.join('-')), 1, 'x', 2, true);
setTimeout(() => got.push('string delay'), '3');
setTimeout(() => got.push('negative'), -5);
setTimeout(() => got.push('none'));
await new Promise((r) => setTimeout(r, 15));
console.log(got.sort().join(', '));
for (const bad of [undefined, null, 'code', 5, {}]) {
  try {
    setTimeout(bad, 1);
  } catch (e) {
    console.log(e.name, e.message);
  }
}
