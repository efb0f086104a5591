const log = [];
const s = new ReadableStream({
  start(c) { log.push('start ' + c.desiredSize); },
  pull(c) { log.push('pull'); this.n = (this.n || 0) + 1; c.enqueue(this.n); if (this.n === 3) c.close(); },
  cancel(r) { log.push('cancel ' + r); },
});
console.log(s.locked, String(s));
const r = s.getReader();
console.log(s.locked, JSON.stringify(await r.read()), JSON.stringify(await r.read()));
r.closed.then(() => log.push('closed'));
console.log(JSON.stringify(await r.read()), JSON.stringify(await r.read()), JSON.stringify(await r.read()));
await r.closed; console.log(log.join('; '));
r.releaseLock(); console.log(s.locked);
await r.read().catch((e) => console.log(e.name)); await r.closed.catch((e) => console.log(e.name));
const c = new ReadableStream({ cancel(reason) { log.push('c ' + reason); return Promise.resolve('x'); } });
console.log(await c.cancel('why'), log.at(-1));
const f = new ReadableStream({ cancel() { throw new RangeError('in cancel'); } });
await f.cancel().catch((e) => console.log(e.name, e.message));
const e = new ReadableStream({ start(c) { c.enqueue(1); c.error(new URIError('boom')); } });
await e.getReader().read().catch((x) => console.log(x.name));
await e.cancel().catch((x) => console.log(x.name));
const p = new ReadableStream({ pull() { return Promise.reject(new EvalError('async')); } });
await p.getReader().read().catch((x) => console.log(x.name));
for (const bad of [() => new ReadableStream(5), () => new ReadableStream({ type: 'x' }), () => new ReadableStream({ pull: 1 }), () => new ReadableStream({}, { highWaterMark: -1 }), () => ReadableStream(), () => s.getReader().read.call({}), () => new ReadableStream({ start() { throw new SyntaxError('st'); } })]) try { const v = bad(); if (v && v.catch) await v; console.log('no error'); } catch (x) { console.log(x.name); }
const l = new ReadableStream(); l.getReader(); try { l.getReader(); } catch (x) { console.log(x.name); } await l.cancel().catch((x) => console.log(x.name)); try { l.tee(); } catch (x) { console.log(x.name); }
let ctl; const late = new ReadableStream({ start(c) { ctl = c; } });
const lr = late.getReader(); const pending = [lr.read(), lr.read(), lr.read()];
ctl.enqueue('a'); ctl.enqueue('b'); ctl.close();
console.log(JSON.stringify(await Promise.all(pending)));
for (const bad of [() => ctl.enqueue('x'), () => ctl.close()]) try { bad(); } catch (x) { console.log(x.name); }
const q = new ReadableStream({ start(c) { c.enqueue('a'); console.log(c.desiredSize); c.enqueue('bb'); console.log(c.desiredSize); c.close(); console.log(c.desiredSize); } }, { highWaterMark: 5, size: (x) => x.length });
const out = []; for await (const x of q) out.push(x); console.log(out.join());
const rel = new ReadableStream(); const rr = rel.getReader(); const never = rr.read(); rr.releaseLock(); await never.catch((x) => console.log(x.name)); console.log(rel.locked);
const bytes = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2])); c.close(); } }); console.log((await bytes.getReader().read()).value.join());
