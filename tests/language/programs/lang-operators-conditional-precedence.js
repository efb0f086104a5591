// Precedence and associativity.
console.log(1 ? 2 ? 'a' : 'b' : 'c', 0 ? 1 : 0 ? 2 : 3, true || false && false, !1 + 1, (-2) ** 2, 1 + +'1' + -'1' - -1);
console.log(typeof 1 + 1, typeof (1 + 1), 2 + 3 * 4 % 5 - 6 / 2, 1 < 2 < 3, 3 > 2 > 1, 1 == 1 == 1, 5 & 3 == 3, (5 & 3) == 3, 1 | 2 ^ 3 & 4, 6 >> 1 + 1, ~1 + 1, - -1, + +'3', !!!0);
let a, b, c; a = b = c = 5; a += b -= c *= 2; console.log(a, b, c);
const x = { y: { z: (n) => n } }; console.log(new x.y.z.constructor('return 3')(), new (class { v = 1; })().v, new Date(0).getTime(), new Array(3).length, (new Array)['length']);
let yes = (1, 2) ? (3, 4) : (5, 6); console.log(yes, (a ? b : c) ? 1 : 2, [1, 2, 3][1, 2], 'abc'[0, 1]);
console.log(null ?? (1 || 2), (null ?? 1) || 2, a?.b?.c ?? 'none', void 0 ?? 'v', typeof null ?? 'x', 1 in [1, 2] && 'a' in { a: 1 });
