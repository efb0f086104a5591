const out = [];
setTimeout(() => out.push('timer 0'), 0);
queueMicrotask(() => { out.push('micro 1'); queueMicrotask(() => out.push('micro 2')); });
Promise.resolve().then(() => out.push('then 1')).finally(() => out.push('finally')).then(() => out.push('then 2'));
(async () => { out.push('sync'); await 0; out.push('after await'); await new Promise((r) => setTimeout(r, 5)); out.push('after timer'); })();
await new Promise((r) => setTimeout(r, 300));
console.log(out.join(', '));
