// A thousand timers with mixed delays come in the order of their delays.
const order = [];
let seed = 7;
const rnd = () => (seed = (seed * 1103515245 + 12345) % 2147483648);
const delays = [];
for (let i = 0; i < 300; i++) delays.push(1 + (rnd() % 20) * 20);
const ids = delays.map((d, i) => setTimeout(() => order.push(i), d));
for (let i = 0; i < 300; i += 7) clearTimeout(ids[i]);
await new Promise((r) => setTimeout(r, 700));
const expected = delays.map((d, i) => [d, i]).filter(([, i]) => i % 7).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((x) => x[1]);
console.log(order.length, JSON.stringify(order) === JSON.stringify(expected));
