const sleep = (ms, v) => new Promise((r) => setTimeout(r, ms, v));
console.log(await Promise.race([sleep(20, 'slow'), sleep(5, 'fast')]));
console.log(await Promise.any([Promise.reject(1), sleep(5, 'any')]));
try { await Promise.any([Promise.reject(1), Promise.reject(2)]); } catch (e) { console.log(e.constructor.name, e.errors.join()); }
console.log(JSON.stringify(await Promise.allSettled([1, Promise.reject('no'), sleep(1, 'ok')])));
