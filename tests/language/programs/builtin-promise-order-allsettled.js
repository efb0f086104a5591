// When Promise.allSettled settles, tick by tick.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const log = []; const tick = (n, i = 0) => Promise.resolve().then(() => { log.push('t' + i); if (i + 1 < n) return tick(n, i + 1); }); const p = Promise.allSettled([Promise.resolve(1), new Promise((r) => queueMicrotask(() => r(2))), 3]).then(() => log.push('settled'), () => log.push('failed')); const q = Promise.allSettled([Promise.reject(1), 2]).then(() => log.push('q settled'), () => log.push('q failed')); await tick(4); await p; await q; console.log(log.join());
