// Defaults see earlier parameters, are evaluated late, and only for undefined.
const log = []; const d = (x) => (log.push(x), x);
function f(a = d(1), b = a + d(2), { c = d(3), ...r } = { x: d(4) }, [e = d(5)] = [], ...rest) { return [a, b, c, JSON.stringify(r), e, rest.join('')].join(); }
console.log(f(), log.join()); log.length = 0; console.log(f(undefined, null, { c: null }, [0], 7, 8), log.join('')); log.length = 0;
const g = (x, y = () => x) => { x = 9; return y(); }; console.log(g(1));
let outer = 'o'; const h = (a = outer, b = () => outer) => { let outer = 'i'; return a + b() + outer; }; console.log(h());
try { ((a = b, b) => 1)(); } catch (e) { console.log(e.name); } try { ((a = a) => 1)(); } catch (e) { console.log(e.name); }
const k = function (a, b = arguments.length, c = this === undefined) { return [a, b].join(); }; console.log(k(), k(1), k(1, 2, 3)); console.log(((...[p, q = 2]) => p + q)(1), ((a, ...{ length }) => length)(1, 2, 3));
