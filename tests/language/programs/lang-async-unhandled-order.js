process_like: { const p = Promise.reject(new Error('x')); p.catch(() => console.log('caught late')); }
await null; await null;
const q = (async () => { throw new Error('y'); })();
try { await q; } catch (e) { console.log(e.message); }
