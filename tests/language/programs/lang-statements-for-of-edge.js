// for-of over many iterables; assignment targets; closures.
const r = []; for (const c of 'a😀b') r.push(c.length); for (const [k, v] of new Map([[1, 2]])) r.push(k + v); for (const x of new Set('aab')) r.push(x); for (const x of (function* () { yield* [1, 2]; })()) r.push(x); for (const x of Uint8Array.of(300, 5)) r.push(x); console.log(r.join());
let o = {}; for (o.x of [1, 2]); for ([o.y, o.z = 9] of [[1], [2, 3]]); for ({ a: o.q, ...o.rest } of [{ a: 1, b: 2 }]); console.log(JSON.stringify(o));
const fns = []; for (const v of [1, 2, 3]) fns.push(() => v); console.log(fns.map((f) => f()).join()); for (var w of [1, 2]); console.log(w);
const arr = [1, 2, 3]; let n = 0; for (const v of arr) { if (n++ < 3) arr.push(v * 10); } console.log(arr.join(), n);
for (const v of [1, 2, 3, 4]) { if (v === 2) continue; if (v === 4) break; console.log(v); } (function () { for (const a of arguments) console.log('arg', a); })(1, 'b');
for (let v of [1]) { v++; console.log(v); } try { for (const v of [1]) v++; } catch (e) { console.log(e.name); } for (const bad of [[], null]) try { for (const x of bad[0] ?? bad) ; } catch (e) { console.log(e.name); }
for (const x of [, 1]) console.log(x); for (async of => {}; false;); let async; for (async of => 1; false;);
