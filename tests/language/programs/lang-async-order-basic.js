const log = (s) => console.log(s);
async function a() { log('a1'); await null; log('a2'); await null; log('a3'); }
async function b() { log('b1'); await undefined; log('b2'); await 0; log('b3'); }
log('start');
const pa = a(), pb = b();
log('sync done');
Promise.resolve().then(() => log('p1')).then(() => log('p2')).then(() => log('p3'));
await pa; log('pa'); await pb; log('pb');
