// What handlers get and give: arguments, this, return values, non-functions, rethrow.
const log = [];
const p = Promise.resolve('v');
p.then(function () {
  'use strict';
  log.push(arguments.length, this === undefined);
});
const q = p.then(5, 'x');
log.push(q !== p, await q);
const e = new Error('same');
await Promise.reject(e).then(null, null).catch((x) => log.push(x === e));
await Promise.reject(e).catch((x) => {
  throw x;
}).catch((x) => log.push(x === e));
log.push(await p.then(() => undefined), await p.then(() => Promise.resolve(Promise.resolve('flat'))), await p.then(async () => ({ then: (r) => r('inner') })));
const r = await Promise.reject(undefined).catch((x) => [x === undefined, 'recovered']);
log.push(r.join('+'));
console.log(log.join(' | '));
