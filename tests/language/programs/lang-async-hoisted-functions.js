console.log(early());
await null;
console.log(late(2));
function early() { return 'early ' + typeof late; }
await null;
function late(n) { return n * helper(); }
await null;
async function asyncLate() { await null; return 'async late'; }
console.log(await asyncLate());
function helper() { return 21; }
