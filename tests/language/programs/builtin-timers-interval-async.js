// An interval with async work and its end.
let n = 0;
const seen = [];
await new Promise((resolve) => {
  const id = setInterval(async () => {
    const mine = ++n;
    await null;
    seen.push(mine);
    if (mine === 4) {
      clearInterval(id);
      resolve();
    }
  }, 2);
});
console.log(seen.join(), n);
