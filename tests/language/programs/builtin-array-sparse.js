// Holes: which methods skip them, which see undefined.
const h = [1, , 3, , 5];
const log = [];
h.forEach((v, i) => log.push(i));
console.log(log.join(), h.map((x) => x * 2).length, 1 in h.map((x) => x), h.filter(() => true).length);
console.log(JSON.stringify([...h]), h.indexOf(undefined), h.includes(undefined), h.findIndex((x) => x === undefined));
console.log(h.reduce((a, b) => a + b), h.some((x) => x === undefined), h.every((x) => x > 0), h.join('-'));
console.log(Object.keys(h).join(), h.length, JSON.stringify(h), [,].length, [, ,].length);
const copy = h.slice();
console.log(1 in copy, 1 in [...h], 1 in h.concat([]), 1 in Array.from(h));
h.length = 2;
console.log(h.length, JSON.stringify(h));
