function* g(a = (() => { throw new Error('default'); })()) { yield a; }
try { g(); } catch (e) { console.log('sync', e.message); }
const it = g(1); console.log(it.next().value);
function* d({ x, y = x }, ...rest) { yield x; yield y; yield rest.length; } console.log([...d({ x: 1 }, 2, 3)].join());
