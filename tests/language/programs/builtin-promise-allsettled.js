// allSettled never rejects and says how each ended.
const results = await Promise.allSettled([1, Promise.reject('no'), new Promise((r) => setTimeout(r, 3, 'later')), Promise.reject(new TypeError('t'))]);
for (const r of results) console.log(r.status, r.value, r.reason instanceof Error ? r.reason.name : r.reason);
console.log(JSON.stringify(results.slice(0, 2)));
console.log(JSON.stringify(await Promise.allSettled([])));
