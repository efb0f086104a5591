function cancellable(ms) { let cancel; const p = new Promise((res, rej) => { const t = setTimeout(() => res('done'), ms); cancel = () => { clearTimeout(t); rej(Object.assign(new Error('cancelled'), { code: 'ABORT' })); }; }); return { p, cancel }; }
const c = cancellable(1000); setTimeout(c.cancel, 2);
try { await c.p; } catch (e) { console.log(e.message, e.code); }
console.log(await cancellable(1).p);
