const c = new AbortController();
console.log(c.signal.aborted, c.signal.reason, c.signal instanceof AbortSignal, c.signal instanceof EventTarget, c.signal === c.signal);
c.signal.throwIfAborted();
const seen = [];
c.signal.onabort = (e) => seen.push('on ' + e.type + ' ' + (e.target === c.signal) + ' ' + e.isTrusted);
c.signal.addEventListener('abort', () => seen.push('listener ' + c.signal.aborted));
c.signal.onabort = (e) => seen.push('replaced ' + e.type);
console.log(typeof c.signal.onabort);
c.abort();
c.abort('again');
console.log(seen.join('; '), c.signal.reason.name, c.signal.reason.message, c.signal.reason instanceof DOMException, c.signal.reason.code);
try { c.signal.throwIfAborted(); } catch (e) { console.log(e === c.signal.reason); }
const d = new AbortController();
d.abort(null);
console.log(d.signal.reason, d.signal.aborted);
const e = AbortSignal.abort('why');
console.log(e.aborted, e.reason, AbortSignal.abort().reason.name);
for (const bad of [() => new AbortSignal(), () => AbortController(), () => AbortSignal.timeout(-1), () => AbortSignal.timeout(), () => AbortSignal.prototype.aborted, () => Object.create(AbortSignal.prototype).aborted])
  try { console.log('no error', bad()); } catch (x) { console.log(x instanceof TypeError || x instanceof RangeError); }
const t = AbortSignal.timeout(20);
console.log(t.aborted);
await new Promise((resolve) => { t.onabort = resolve; setTimeout(() => {}, 100); });
console.log(t.aborted, t.reason.name, t.reason instanceof DOMException, t.reason.code);
const f = new AbortController();
f.signal.onabort = null;
console.log(f.signal.onabort);
const { signal } = f;
const waiting = new Promise((resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
setTimeout(() => f.abort(new RangeError('stop')), 5);
await waiting.catch((x) => console.log(x.name, x.message));
console.log(String(f), String(signal), AbortController.name, AbortSignal.abort.length, AbortController.prototype.abort.length);
