async function* g() { while (true) { try { yield 'y'; } catch (e) { console.log('inside', e); yield 'handled ' + e; } } }
const it = g();
await it.next();
console.log(JSON.stringify(await it.throw('err')));
console.log(JSON.stringify(await it.next()));
console.log(JSON.stringify(await it.return(Promise.resolve('awaited'))));
async function* h() { throw new Error('at once'); }
try { await h().next(); } catch (e) { console.log(e.message); }
const d = h(); await d.return(); console.log(JSON.stringify(await d.next()));
try { await d.throw(new Error('after end')); } catch (e) { console.log(e.message); }
