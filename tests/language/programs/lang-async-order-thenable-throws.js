const bad = { get then() { throw new Error('getter'); } };
const late = { then(res, rej) { res(1); throw new Error('ignored'); } };
const early = { then() { throw new Error('then threw'); } };
try { await bad; } catch (e) { console.log(e.message); }
console.log(await late);
try { await early; } catch (e) { console.log(e.message); }
console.log(await { then: 5 }.then);
console.log((await { then: 'no function' }).then);
