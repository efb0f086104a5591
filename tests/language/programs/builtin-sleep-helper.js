// The sleep that everybody writes, and a timeout by race.
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const timeout = (p, ms) => Promise.race([p, sleep(ms).then(() => Promise.reject(new Error('timeout')))]);
console.log(await timeout(sleep(2).then(() => 'done'), 50));
console.log(await timeout(sleep(50), 3).catch((e) => e.message));
