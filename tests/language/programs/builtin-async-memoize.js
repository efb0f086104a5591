// Caching promises by key; failures are not kept.
const cache = new Map();
let calls = 0;
const load = async (k) => {
  calls++;
  await null;
  if (k === 'bad' && calls < 4) throw new Error('load ' + calls);
  return k + calls;
};
const get = (k) => {
  if (!cache.has(k)) {
    const p = load(k);
    cache.set(k, p);
    p.catch(() => cache.delete(k));
  }
  return cache.get(k);
};
console.log((await Promise.all([get('a'), get('a'), get('b')])).join());
for (let i = 0; i < 3; i++) console.log(await get('bad').catch((e) => 'failed ' + e.message), cache.has('bad'));
