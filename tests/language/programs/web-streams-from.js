const read = async (s) => { const out = []; for await (const x of s) out.push(x); return out.join(); };
console.log(await read(ReadableStream.from(['a', 'b'])), await read(ReadableStream.from(new Set([1, 2]))), await read(ReadableStream.from((async function* () { yield 1; yield 2; })())), await read(ReadableStream.from([Promise.resolve('p')])));
const log = []; const gen = (function* () { try { yield 1; yield 2; } finally { log.push('closed'); } })();
const r = ReadableStream.from(gen).getReader(); await r.read(); await r.cancel('x'); console.log(log.join());
for (const bad of [5, null, {}]) try { ReadableStream.from(bad); } catch (e) { console.log(e.name); }
await read(ReadableStream.from((async function* () { throw new RangeError('gen'); })())).catch((e) => console.log(e.name));
