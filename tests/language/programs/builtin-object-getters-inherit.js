// Accessors on prototypes, overriding, defineProperty on instances, shadowing.
const base = {
  _v: 1,
  get v() {
    return this._v;
  },
  set v(x) {
    this._v = x * 2;
  },
  get only() {
    return 'g';
  },
};
const child = Object.create(base);
child.v = 5;
console.log(child.v, base.v, Object.keys(child).join(), child.only);
try {
  (function () {
    'use strict';
    child.only = 'x';
  })();
} catch (e) {
  console.log(e.name);
}
Object.defineProperty(child, 'only', { value: 'own', configurable: true });
console.log(child.only, delete child.only, child.only);
const lazy = {
  get data() {
    const value = [1, 2];
    Object.defineProperty(this, 'data', { value });
    return value;
  },
};
console.log(lazy.data === lazy.data, Object.getOwnPropertyDescriptor(lazy, 'data').writable);
const counter = (() => {
  let n = 0;
  return {
    get next() {
      return ++n;
    },
    reset: () => void (n = 0),
  };
})();
console.log(counter.next, counter.next, counter.reset(), counter.next);
