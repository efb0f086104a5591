const out = [];
const thenable = { then(res) { out.push('then called'); res('value'); } };
const lazy = { then(res) { Promise.resolve().then(() => res('lazy')); } };
const p = (async () => { out.push(await thenable); out.push(await lazy); })();
out.push('after call');
for (let i = 0; i < 8; i++) { await null; out.push('m' + i); }
await p;
console.log(out.join(' | '));
