// ToPropertyKey: numbers, symbols and objects as keys.
const o = {};
o[1] = 'a'; o['1'] += 'b'; o[1.0] += 'c'; o[-0] = 'z'; o[1e21] = 'big'; o[0.1] = 'f'; o[NaN] = 'n'; o[null] = 'nul'; o[undefined] = 'und'; o[true] = 't'; o[[2, 3]] = 'arr'; o[{}] = 'obj';
console.log(Object.entries(o).map(([k, v]) => k + '=' + v).join(' '));
const s = Symbol('k');
o[s] = 1; o[Object(s)] = 2;
console.log(o[s], Object.getOwnPropertySymbols(o).length);
let n = 0;
const key = { toString() { n++; return 'k' + n; } };
const c = { [key]: 1, [key]: 2 };
c[key] ??= 5; c[key]++;
console.log(Object.keys(c).join(), n, c.k4);
console.log('01' in [1, 2], '1' in [1, 2], [1, 2]['01'], [1, 2][1.0], [1, 2]['1.0'], [7]['-0'], [7][-0], 'length' in []);
const a = [];
a['4294967295'] = 1; a[-1] = 2; a['3'] = 3; a[4294967294] = 0;
console.log(a.length, Object.keys(a).join());
