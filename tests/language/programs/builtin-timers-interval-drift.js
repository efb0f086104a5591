// Intervals: arguments, clearing inside, several at once, re-arming.
const log = [];
let n = 0;
await new Promise((done) => {
  const id = setInterval((tag) => {
    log.push(tag + ++n);
    if (n === 3) {
      clearInterval(id);
      done();
    }
  }, 1, 'x');
});
let k = 0;
const again = () => (++k < 4 ? setTimeout(again, 1) : log.push('rearmed ' + k));
again();
await new Promise((r) => setTimeout(r, 25));
console.log(log.join());
const ids = Array.from({ length: 5 }, (_, i) => setInterval(() => ids.forEach(clearInterval), 2 + i));
await new Promise((r) => setTimeout(r, 15));
console.log(ids.length);
