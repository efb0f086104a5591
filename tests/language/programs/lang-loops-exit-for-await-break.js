// A for-await loop left by break, with closures over its variable.
const log = []; const fns = []; const run = async () => { for await (const i of (async function* () { try { yield* [0, 1, 2, 3]; } finally { log.push('closed'); } })()) { const v = i; fns.push(() => v); log.push('b' + v); if (v === 2) break; log.push('e' + v); } return 'end'; };
try { log.push(await run()); } catch (e) { log.push(e.message); } console.log(log.join(' '), fns.map((f) => f()).join());
const plain = [];  console.log(plain.join(' '));
