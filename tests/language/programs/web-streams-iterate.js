const make = (n, log = []) => new ReadableStream({ start(c) { for (let i = 0; i < n; i++) c.enqueue(i); c.close(); }, cancel(r) { log.push('cancel ' + r); } });
const open = (log) => new ReadableStream({ pull(c) { c.enqueue('x'); }, cancel(r) { log.push('cancel ' + r); } });
const all = []; for await (const x of make(3)) all.push(x); console.log(all.join());
const log = []; const s = open(log); for await (const x of s) { console.log(x); break; } console.log(log.join(), s.locked);
const k = open(log); for await (const x of k.values({ preventCancel: true })) { console.log(x); break; } console.log(log.length, k.locked);
try { for await (const x of open(log)) throw new RangeError('in body'); } catch (e) { console.log(e.name, log.length); }
try { for await (const x of new ReadableStream({ start(c) { c.error(new URIError('bad')); } })) console.log(x); } catch (e) { console.log(e.name); }
const [a, b] = make(4).tee(); const ra = [], rb = []; for await (const x of a) ra.push(x); for await (const x of b) rb.push(x); console.log(ra.join(), rb.join());
const tlog = []; const [c, d] = open(tlog).tee(); const done = c.cancel('one'); console.log(tlog.length); await d.cancel('two'); await done; console.log(tlog.join('|'));
const [e, f] = new ReadableStream({ start(c) { c.enqueue(1); }, pull(c) { c.error(new EvalError('late')); } }).tee();
const er = e.getReader(); console.log((await er.read()).value); await er.read().catch((x) => console.log(x.name)); await f.getReader().closed.catch((x) => console.log(x.name));
const it = make(2)[Symbol.asyncIterator](); console.log(JSON.stringify(await Promise.all([it.next(), it.next(), it.next()])), JSON.stringify(await it.return('r')));
const early = open(log).values(); console.log(JSON.stringify(await early.return('v')), JSON.stringify(await early.next()));
const arr = []; await (async () => { const reader = make(3).getReader(); for (;;) { const { done, value } = await reader.read(); if (done) return; arr.push(value); } })(); console.log(arr.join());
const blobbed = await new Response(make(0)).text(); console.log(JSON.stringify(blobbed));
let pulls = 0; const lazy = new ReadableStream({ pull() { pulls++; } }, { highWaterMark: 0 }); await null; await null; console.log(pulls, lazy.locked); lazy.getReader().read(); await null; console.log(pulls);
