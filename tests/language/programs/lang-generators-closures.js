function* g() { const fs = []; for (let i = 0; i < 3; i++) { fs.push(() => i); yield i; } yield fs.map((f) => f()).join(''); }
console.log([...g()].join());
const counters = [1, 2].map((s) => (function* () { let n = s; while (true) n += (yield n) ?? 1; })());
counters.forEach((c) => c.next()); console.log(counters.map((c) => c.next(10).value).join(), counters.map((c) => c.next().value).join());
