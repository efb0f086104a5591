// Proxies for reading, writing, deleting, listing.
const log = [];
const p = new Proxy(
  { a: 1 },
  {
    get(t, k, r) {
      if (typeof k === 'string') log.push('get ' + k);
      return k in t ? t[k] : 'default';
    },
    set(t, k, v) {
      log.push('set ' + k);
      t[k] = v * 2;
      return true;
    },
    has(t, k) {
      log.push('has ' + k);
      return k !== 'secret' && k in t;
    },
    deleteProperty(t, k) {
      log.push('delete ' + k);
      return delete t[k];
    },
    ownKeys(t) {
      log.push('ownKeys');
      return Reflect.ownKeys(t);
    },
  },
);
console.log(p.a, p.nothing, (p.b = 5), p.b, 'a' in p, 'secret' in p, delete p.a, Object.keys(p).join());
console.log(log.join(', '));
const arr = new Proxy([1, 2, 3], { get: (t, k) => (typeof k === 'string' && /^-\d+$/.test(k) ? t[t.length + +k] : t[k]) });
console.log(arr[-1], arr.length, arr[0]);
