// await of a promise and of a plain value takes one tick each; an async function's result one more.
const log = [];
async function a() {
  await null;
  log.push('a1');
  await Promise.resolve();
  log.push('a2');
}
async function b() {
  return 'b';
}
async function c() {
  return Promise.resolve('c');
}
a();
b().then((v) => log.push(v));
c().then((v) => log.push(v));
let p = Promise.resolve();
for (let i = 1; i <= 6; i++) p = p.then(() => log.push(i));
log.push('sync');
await new Promise((r) => setTimeout(r, 2));
console.log(log.join(' '));
