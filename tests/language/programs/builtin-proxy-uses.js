// Validation, default values, observers, read-only views.
const validated = new Proxy({}, {
  set(t, k, v) {
    if (k === 'age' && !Number.isInteger(v)) throw new TypeError('age must be an integer');
    t[k] = v;
    return true;
  },
});
validated.age = 5;
try {
  validated.age = 'x';
} catch (e) {
  console.log(e.message, validated.age);
}
const counts = new Proxy({}, { get: (t, k) => (k in t ? t[k] : 0) });
for (const c of 'banana') counts[c]++;
console.log(JSON.stringify(counts));
const changes = [];
const watch = (o) => new Proxy(o, { set: (t, k, v) => (changes.push(`${String(k)}=${v}`), Reflect.set(t, k, v)) });
const w = watch({ n: 1 });
w.n++;
w.m = 'x';
console.log(changes.join());
const ro = new Proxy({ a: 1 }, {
  set() {
    throw new Error('read only');
  },
});
try {
  ro.a = 2;
} catch (e) {
  console.log(e.message, ro.a);
}
