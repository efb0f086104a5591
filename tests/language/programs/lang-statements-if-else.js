// Dangling else, empty statements, declarations in branches.
const f = (a, b) => { if (a) if (b) return 1; else return 2; return 3; };
console.log(f(1, 1), f(1, 0), f(0, 1));
if (0); else console.log('else'); if (1) {} else console.log('no'); ;;; {} {;}
if (true) function inIf() { return 'fn in if'; }
console.log(typeof inIf, inIf());
if (false) function never() {} else function other() { return 'o'; }
console.log(typeof never, typeof other);
for (const v of [0, '', null, NaN, undefined, [], {}, '0', -1]) if (v) console.log('truthy', typeof v); else console.log('falsy', typeof v);
var r = ''; if (r = 'assigned') console.log(r); if (((1))) ((console.log))('par');
