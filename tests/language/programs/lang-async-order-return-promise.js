const out = [];
async function inner() { return 1; }
async function direct() { return Promise.resolve('direct'); }
async function awaited() { return await Promise.resolve('awaited'); }
async function nested() { return inner(); }
direct().then((v) => out.push(v));
awaited().then((v) => out.push(v));
nested().then((v) => out.push('nested' + v));
let tick = 0;
(function count() { if (tick < 12) { tick++; Promise.resolve().then(() => { out.push('t' + tick); count(); }); } })();
for (let i = 0; i < 14; i++) await null;
console.log(out.join(' '));
