// Revocable proxies, forwarding with Reflect, proxies of functions and arrays.
const { proxy, revoke } = Proxy.revocable({ a: 1 }, {});
console.log(proxy.a, 'a' in proxy);
revoke();
for (const f of [() => proxy.a, () => (proxy.b = 1), () => 'a' in proxy, () => delete proxy.a]) {
  try {
    f();
    console.log('no error');
  } catch (e) {
    console.log(e.name);
  }
}
const log = [];
const tracked = new Proxy([3, 1, 2], {
  get(t, k, r) {
    if (typeof k === 'string' && /^\d+$/.test(k)) log.push(k);
    return Reflect.get(t, k, r);
  },
});
console.log(tracked.length, tracked[1], tracked.map((x) => x * 2).join(), log.length > 2, Array.isArray(tracked), tracked.includes(2), JSON.stringify(tracked));
const fn = new Proxy((a, b) => a + b, { apply: (t, self, args) => t(...args) * 10 });
console.log(fn(1, 2), fn.call(null, 2, 3), typeof fn);
class K {
  constructor(v) {
    this.v = v;
  }
}
const PK = new Proxy(K, { construct: (t, args) => new t(args[0] + 1) });
console.log(new PK(1).v, new PK(1) instanceof K);
for (const f of [() => new Proxy(1, {}), () => new Proxy({}, null), () => Proxy({}, {})]) {
  try {
    f();
  } catch (e) {
    console.log(e.name);
  }
}
