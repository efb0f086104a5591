function* naturals() { let n = 0; while (true) yield n++; }
function* take(n, it) { if (n <= 0) return; for (const x of it) { yield x; if (--n <= 0) return; } }
function* map(f, it) { for (const x of it) yield f(x); }
function* filter(f, it) { for (const x of it) if (f(x)) yield x; }
console.log([...take(5, map((x) => x * x, filter((x) => x % 2, naturals())))].join());
const fib = { *[Symbol.iterator]() { let [a, b] = [0, 1]; for (;;) { yield a; [a, b] = [b, a + b]; } } };
const seen = []; for (const f of fib) { if (f > 50) break; seen.push(f); } console.log(seen.join());
