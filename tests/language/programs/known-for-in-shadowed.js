// A name that a property of the object hides without being enumerable itself.
const o = Object.create({ shadow: 1, plain: 2 }, { shadow: { value: 1, enumerable: false } });
const seen = []; for (const k in o) seen.push(k); console.log(seen.join());
