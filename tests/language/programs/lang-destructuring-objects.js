const { a, b: { c = 'c0', ...inner } = {}, ['comp' + 1]: comp, 'quo-ted': q, 5: five, ...rest } = { a: 1, b: { d: 2, e: 3 }, comp1: 'C', 'quo-ted': 'Q', 5: 'V', x: 9, y: 8 };
console.log(a, c, JSON.stringify(inner), comp, q, five, JSON.stringify(rest));
let m, n; ({ m, n = m + 1 } = { m: 1 }); console.log(m, n); ({ a: m, b: { [`k${1}`]: n } } = { a: 'A', b: { k1: 'K' } }); console.log(m, n);
const { length } = 'four'; console.log(length); const { toString: ts } = 5; console.log(ts === Number.prototype.toString); const { x: { y: { z } } } = { x: { y: { z: 'deep' } } }; console.log(z);
for (const bad of [null, undefined]) { try { const { p } = bad; } catch (e) { console.log(e.name); } try { (({ p }) => p)(bad); } catch (e) { console.log(e.name); } }
const s = Symbol('s'); const { [s]: sym, ...others } = { [s]: 1, t: 2, [Symbol.for('u')]: 3 }; console.log(sym, Object.getOwnPropertySymbols(others).length);
const o = {}; ({ a: o.p, b: o['q'], ...o.r } = { a: 1, b: 2, c: 3 }); console.log(JSON.stringify(o)); const order = []; const { [(order.push('k'), 'v')]: val = order.push('d') } = { get v() { order.push('g'); } }; console.log(order.join(), val);
