// Promise.resolve returns a promise of the same kind as it is; shape of the constructor.
const p = Promise.resolve(1);
console.log(Promise.resolve(p) === p);
console.log(Promise.length, Promise.name, Object.prototype.toString.call(p), String(p));
console.log(Object.keys(Promise.prototype).length, Object.keys(p).length, JSON.stringify(p));
console.log(['resolve', 'reject', 'all', 'allSettled', 'any', 'race'].map((k) => Promise[k].length).join());
console.log(['then', 'catch', 'finally'].map((k) => Promise.prototype[k].name + Promise.prototype[k].length).join());
console.log(p.constructor === Promise, Promise.prototype.constructor === Promise);
