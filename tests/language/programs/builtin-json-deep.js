// Depth: a hundred levels are fine.
let v = 'bottom';
for (let i = 0; i < 100; i++) v = i % 2 ? [v] : { v };
const t = JSON.stringify(v);
let w = JSON.parse(t);
let depth = 0;
while (typeof w === 'object') {
  w = Array.isArray(w) ? w[0] : w.v;
  depth++;
}
console.log(t.length, depth, w, JSON.stringify(v, null, 1).split('\n').length);
