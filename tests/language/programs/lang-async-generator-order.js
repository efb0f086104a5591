const log = [];
async function* g() { log.push('g1'); yield 1; log.push('g2'); yield 2; log.push('g3'); }
const p = (async () => { for await (const x of g()) { log.push('x' + x); } log.push('end'); })();
for (let i = 0; i < 14; i++) { log.push('m' + i); await null; }
await p; console.log(log.join(' '));
