// A for loop left by continue, with closures over its variable.
const log = []; const fns = []; const run = async () => { for (let i = 0; i < 4; i++) { const v = i; fns.push(() => v); log.push('b' + v); if (v === 1) continue; log.push('e' + v); } return 'end'; };
try { log.push(await run()); } catch (e) { log.push(e.message); } console.log(log.join(' '), fns.map((f) => f()).join());
const plain = []; const sync = () => { const log = plain; for (let i = 0; i < 4; i++) { const v = i; if (v === 1) continue; log.push(v); } return 'end'; }; try { console.log(sync()); } catch (e) { console.log(e.message); } console.log(plain.join(' '));
