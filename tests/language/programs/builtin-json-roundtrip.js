// Numbers, texts and structures survive stringify and parse.
const data = { n: [0, 1, -1, 0.1, 1e21, 1e-9, 123456789.123, 5e-324, 1.7976931348623157e308], t: ['', 'ü', '\u0000', '"', '\\', '😀', '\u2028'], deep: { a: { b: { c: [[[1]]] } } } };
const text = JSON.stringify(data);
console.log(text.length, JSON.stringify(JSON.parse(text)) === text, JSON.parse(text).t[5] === '😀');
const clone = JSON.parse(JSON.stringify(data));
console.log(data.n.every((n, i) => Object.is(n, clone.n[i])), clone.deep.a.b.c[0][0][0]);
