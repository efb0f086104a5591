// A for-of loop left by try-finally, with closures over its variable.
const log = []; const fns = []; const run = async () => { for (const i of [0, 1, 2, 3]) { const v = i; fns.push(() => v); log.push('b' + v); try { if (v === 1) continue; if (v === 3) break; } finally { log.push('f' + v); } log.push('e' + v); } return 'end'; };
try { log.push(await run()); } catch (e) { log.push(e.message); } console.log(log.join(' '), fns.map((f) => f()).join());
const plain = []; const sync = () => { const log = plain; for (const i of [0, 1, 2, 3]) { const v = i; try { if (v === 1) continue; if (v === 3) break; } finally { log.push('f' + v); } log.push(v); } return 'end'; }; try { console.log(sync()); } catch (e) { console.log(e.message); } console.log(plain.join(' '));
