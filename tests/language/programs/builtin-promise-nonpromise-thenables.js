// Thenables that misbehave: resolve twice, resolve late, reject after resolve, resolve with themselves.
const out = [];
const t1 = { then(r, j) { r('a'); r('b'); j('c'); } };
const t2 = { then(r) { setTimeout(r, 2, 'late'); } };
const t3 = { then(r, j) { j(new Error('no')); r('x'); } };
const t4 = { then(r) { r(t1); } };
const t5 = { then(r) { setTimeout(() => { r(1); throwAway(); }, 1); } };
function throwAway() {}
out.push(await t1, await t2, await Promise.resolve(t3).catch((e) => e.message), await t4, await t5);
out.push((await Promise.all([t1, t2, 5])).join('/'), await Promise.race([t2, t1]), (await Promise.allSettled([t3, t1])).map((r) => r.status[0]).join(''), await Promise.any([t3, t1]));
console.log(out.join(' | '));
const f = () => {};
f.then = (r) => r('function thenable');
console.log(await f, await Promise.resolve(f));
