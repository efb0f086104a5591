// Two thousand random operations against a model of plain arrays.
let seed = 99;
const rnd = (n) => (seed = (seed * 48271) % 2147483647) % n;
const m = new Map();
let model = [];
let faults = 0;
for (let i = 0; i < 2000; i++) {
  const k = [rnd(30), 'k' + rnd(30), rnd(2) ? true : null][rnd(3)];
  const at = model.findIndex(([x]) => x === k);
  switch (rnd(5)) {
    case 0:
    case 1:
    case 2:
      m.set(k, i);
      if (at < 0) model.push([k, i]);
      else model[at][1] = i;
      break;
    case 3:
      if (m.delete(k) !== at >= 0) faults++;
      if (at >= 0) model.splice(at, 1);
      break;
    default:
      if (m.get(k) !== (at < 0 ? undefined : model[at][1]) || m.has(k) !== at >= 0) faults++;
  }
  if (i % 700 === 699) {
    m.clear();
    model = [];
  }
}
console.log(faults, m.size, model.length, JSON.stringify([...m]) === JSON.stringify(model));
