try { throw { code: 5, info: { why: 'because' } }; } catch ({ code, info: { why } }) { console.log(code, why); }
try { throw [1, 2]; } catch ([a, b]) { const f = () => a + b; console.log(f()); }
const fns = []; for (const { v } of [{ v: 1 }, { v: 2 }]) fns.push(() => v); console.log(fns.map((f) => f()).join());
for (let [i, j] = [0, 10]; i < j; i += 3, j -= 3) console.log(i, j); const { a = 1, b = a + 1, c = b + 1 } = {}; console.log(a, b, c);
