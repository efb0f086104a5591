// Cleared timers do not fire, also when cleared by another timer of the same moment or by themselves.
const log = [];
const a = setTimeout(() => log.push('never a'), 2);
clearTimeout(a);
let c;
setTimeout(() => {
  log.push('b clears c');
  clearTimeout(c);
}, 3);
c = setTimeout(() => log.push('never c'), 3);
let n = 0;
let thrice;
const third = new Promise((r) => (thrice = r));
const i = setInterval(() => {
  n++;
  log.push('i' + n);
  if (n < 3) return;
  clearInterval(i);
  thrice();
}, 2);
clearTimeout(undefined);
clearTimeout(null);
clearTimeout(987654);
clearInterval('x');
await third;
await new Promise((r) => setTimeout(r, 20));
console.log(log.filter((x) => x[0] !== 'i').join(), n);
