console.log(typeof v, v);
await null;
var v = 5;
if (true) { var w = v + 1; await null; }
console.log(v, w);
for (var i = 0; i < 2; i++) await null;
console.log(i);
var v; console.log(v);
