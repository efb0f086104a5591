// Generators as infinite series, tree walks, permutations, state machines.
function* naturals() {
  let n = 1;
  while (true) yield n++;
}
const take = (it, n) => {
  const out = [];
  for (const v of it) {
    out.push(v);
    if (out.length >= n) break;
  }
  return out;
};
function* primes() {
  const known = [];
  for (const n of naturals()) if (n > 1 && known.every((p) => n % p)) known.push(n), yield n;
}
console.log(take(primes(), 12).join());
function* walk(t) {
  if (!t) return 0;
  const l = yield* walk(t.l);
  yield t.v;
  const r = yield* walk(t.r);
  return l + r + 1;
}
const tree = { v: 4, l: { v: 2, l: { v: 1 }, r: { v: 3 } }, r: { v: 6 } };
console.log([...walk(tree)].join());
function* permute(a) {
  if (a.length < 2) yield a;
  else for (const [i, x] of a.entries()) for (const p of permute([...a.slice(0, i), ...a.slice(i + 1)])) yield [x, ...p];
}
console.log([...permute([1, 2, 3])].map((p) => p.join('')).join());
function* machine() {
  let state = 'idle';
  while (true) {
    const event = yield state;
    if (event === 'stop') return 'ended';
    state = { idle: { go: 'busy' }, busy: { done: 'idle' } }[state]?.[event] ?? state;
  }
}
const m = machine();
m.next();
console.log(['go', 'go', 'done', 'stop', 'go'].map((e) => JSON.stringify(m.next(e))).join(' '));
