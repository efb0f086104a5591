const v = async (x) => { await null; return x; };
console.log(await v(1) + await v(2) * await v(3));
console.log(`${await v('a')}-${await v('b')}`);
console.log((await v(true)) ? await v('yes') : await v('no'));
console.log([await v(1), ...await v([2, 3])].join(), JSON.stringify({ [await v('k')]: await v('val'), ...await v({ z: 1 }) }));
console.log(await v(null) ?? await v('nullish'), (await v({ a: { b: 2 } }))?.a?.b, await (await v({ f: async () => 'called' })).f());
const o = { x: 1 }; o.x += await v(5); console.log(o.x);
let s = 'a'; s = s + await v('b') + s; console.log(s);
switch (await v(2)) { case await v(1): console.log('one'); break; case await v(2): console.log('two'); }
console.log(typeof await v(1), !(await v(false)), -(await v(4)), await await v('double'));
if (await v(0)) console.log('no'); else if (await v(1)) console.log('else if');
