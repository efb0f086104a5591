const log = [];
async function run() { for await (const x of [Promise.resolve('a'), 'b', Promise.resolve('c')]) log.push(x); log.push('done'); }
const p = run();
for (let i = 0; i < 12; i++) { log.push(i); await null; }
await p; console.log(log.join(' '));
