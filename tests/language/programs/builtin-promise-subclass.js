// A subclass of Promise gives its own kind from then, resolve and the combinators.
class Tracked extends Promise {
  tag() {
    return 'tracked';
  }
}
const t = new Tracked((r) => r(1));
console.log(t instanceof Tracked, t instanceof Promise, t.tag());
const u = t.then((v) => v + 1);
console.log(u instanceof Tracked, await u);
console.log(Tracked.resolve(5) instanceof Tracked, await Tracked.all([1, 2]).then((v) => v.length));
console.log(Promise.resolve(t) === t, Tracked.resolve(t) === t);
