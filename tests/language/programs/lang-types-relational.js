// < > <= >= over mixed types, order of evaluation, and strings by code unit.
const vs = [undefined, null, true, 0, -1, NaN, '', 'a', 'B', '10', '9', [2], {}, Infinity];
for (const a of vs) console.log(vs.map((b) => `${+(a < b)}${+(a > b)}${+(a <= b)}${+(a >= b)}`).join(' '));
const log = [];
const o = (n, v) => ({ valueOf() { log.push(n); return v; } });
o('a', 1) < o('b', 2); o('c', 1) > o('d', 2); o('e', 1) <= o('f', 1); o('g', 1) >= o('h', 1);
console.log(log.join(''));
console.log('\ud83d\ude00' < '\uffff', 'z' < 'ä', 'a' < 'aa', '\u0000' > '', '2' > '12', 2 > '12', 'b' > 'a' > 'a');
let e; try { Symbol() < 1; } catch (x) { e = x.name; } console.log(e);
