// A promise resolved with itself is rejected with a TypeError.
let resolveLater;
const p = new Promise((resolve) => (resolveLater = resolve));
resolveLater(p);
try {
  await p;
} catch (e) {
  console.log(e instanceof TypeError, e.message);
}
const q = Promise.resolve().then(() => q);
await q.catch((e) => console.log(e.name, e.message));
