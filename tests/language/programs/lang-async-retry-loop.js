let attempts = 0;
async function flaky() { attempts++; await null; if (attempts < 3) throw new Error('attempt ' + attempts); return 'done after ' + attempts; }
async function retry(fn, n) { let last; for (let i = 0; i < n; i++) { try { return await fn(); } catch (e) { last = e; console.log('retry', e.message); } } throw last; }
console.log(await retry(flaky, 5));
attempts = -10;
try { await retry(flaky, 2); } catch (e) { console.log('gave up', e.message); }
