const a = new AbortController();
const b = new AbortController();
const any = AbortSignal.any([a.signal, b.signal]);
const of = AbortSignal.any([any, new AbortController().signal]);
console.log(any.aborted, of.aborted, any instanceof AbortSignal);
const seen = [];
a.signal.addEventListener('abort', () => seen.push('a'));
any.addEventListener('abort', () => seen.push('any'));
of.addEventListener('abort', () => seen.push('of'));
b.signal.addEventListener('abort', () => seen.push('b'));
a.abort('first');
b.abort('second');
console.log(seen.join('; '), any.reason, of.reason);
console.log(AbortSignal.any([]).aborted, AbortSignal.any([AbortSignal.abort(1), AbortSignal.abort(2)]).reason);
const quiet = new AbortController();
const derived = AbortSignal.any([quiet.signal, quiet.signal]);
const fn = () => seen.push('never');
derived.addEventListener('abort', fn);
derived.removeEventListener('abort', fn);
quiet.abort('q');
console.log(derived.aborted, derived.reason, seen.length);
for (const bad of [() => AbortSignal.any(), () => AbortSignal.any(5), () => AbortSignal.any([1])])
  try { console.log('no error', bad()); } catch (e) { console.log(e.name); }
const timeout = AbortSignal.any([AbortSignal.timeout(5), new AbortController().signal]);
await new Promise((resolve) => { timeout.onabort = resolve; setTimeout(() => {}, 50); });
console.log(timeout.reason.name);
