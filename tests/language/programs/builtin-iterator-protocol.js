// Destructuring, spread and for-of over own iterators; return is called when left early.
const log = [];
const make = (n) => ({
  [Symbol.iterator]() {
    let i = 0;
    return {
      next() {
        log.push('next');
        return i < n ? { value: i++, done: false } : { value: 'end', done: true };
      },
      return(v) {
        log.push('return');
        return { value: v, done: true };
      },
    };
  },
});
const [a, b] = make(5);
console.log(a, b, log.join());
log.length = 0;
const [...all] = make(2);
console.log(all.join(), log.join());
log.length = 0;
for (const v of make(3)) if (v === 1) break;
console.log(log.join());
console.log(Math.max(...make(4)), JSON.stringify([...make(2), ...'ab']));
for (const bad of [5, {}, null, undefined]) {
  try {
    [...bad];
  } catch (e) {
    console.log(e.name);
  }
}
