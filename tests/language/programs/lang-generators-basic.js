function* g(a, b = a * 2) { const x = yield a; console.log('x', x); const y = yield b; console.log('y', y); return x + y; }
const it = g(1);
console.log(JSON.stringify([it.next('ignored'), it.next(10), it.next(20), it.next(30)]));
console.log(it[Symbol.iterator]() === it, Object.prototype.toString.call(it), typeof g, String(it));
console.log([...g(5)].join(), Array.from(g(2)).join(), Math.max(...g(3)));
const [p, q, r] = g(7); console.log(p, q, r);
