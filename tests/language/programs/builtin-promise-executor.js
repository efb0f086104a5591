// The executor runs at once; its exceptions reject; what comes after settling is ignored.
const log = [];
const p = new Promise((resolve, reject) => {
  log.push('executor');
  resolve(1);
  reject(2);
  throw new Error('late');
});
log.push('after');
console.log(log.join(), await p);
await new Promise(() => {
  throw new RangeError('boom');
}).catch((e) => console.log(e.name, e.message));
for (const bad of [undefined, null, 5, {}, 'text']) {
  try {
    new Promise(bad);
  } catch (e) {
    console.log(e.name + ': ' + e.message);
  }
}
try {
  Promise(() => {});
} catch (e) {
  console.log(e.name + ': ' + e.message);
}
