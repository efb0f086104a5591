// A while loop left by throw, with closures over its variable.
const log = []; const fns = []; const run = async () => { let n = 0; while (n < 4) { const v = n++; fns.push(() => v); log.push('b' + v); if (v === 2) throw new Error('thrown ' + v); log.push('e' + v); } return 'end'; };
try { log.push(await run()); } catch (e) { log.push(e.message); } console.log(log.join(' '), fns.map((f) => f()).join());
const plain = []; const sync = () => { const log = plain; let n = 0; while (n < 4) { const v = n++; if (v === 2) throw new Error('thrown ' + v); log.push(v); } return 'end'; }; try { console.log(sync()); } catch (e) { console.log(e.message); } console.log(plain.join(' '));
