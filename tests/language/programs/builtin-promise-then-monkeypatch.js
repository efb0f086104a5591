// Overridden then and constructor are respected.
const calls = [];
const p = Promise.resolve(1);
p.then = function (...a) {
  calls.push('then ' + a.length);
  return Promise.prototype.then.apply(this, a);
};
await p;
await Promise.all([p]);
await Promise.race([p]);
await p.catch(() => {});
await p.finally(() => {});
console.log(calls.join());
class Mine extends Promise {
  static get [Symbol.species]() {
    return Promise;
  }
}
const m = Mine.resolve(1);
console.log(m instanceof Mine, m.then(() => 1) instanceof Mine, m.constructor === Mine);
