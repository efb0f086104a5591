// The order of calls in ToPrimitive and what hints are given where.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const log = [];
const o = { [Symbol.toPrimitive](hint) { log.push(hint); return hint === 'number' ? 42 : 'str'; } };
+o; `${o}`; o + ''; o == 'str'; o < 5; o * 2; [o].join(); ({})[o]; new Date(o); String(o); Number(o); Math.max(o); isNaN(o);
console.log(log.join());
const p = { valueOf() { log.push('v'); return {}; }, toString() { log.push('s'); return 'S'; } };
log.length = 0;
p + ''; `${p}`; p * 1; p == 'S';
console.log(log.join(''));
console.log(t(() => +{ [Symbol.toPrimitive]: 1 }), t(() => +{ [Symbol.toPrimitive]: () => ({}) }), +{ [Symbol.toPrimitive]: undefined, valueOf: () => 3 }, +{ [Symbol.toPrimitive]: null, valueOf: () => 4 });
const d = new Date(0);
console.log(typeof (d + 1), typeof (d - 1), d[Symbol.toPrimitive]('number'), t(() => d[Symbol.toPrimitive]('x')), t(() => d[Symbol.toPrimitive]()), typeof d[Symbol.toPrimitive]('default'));
console.log(t(() => Symbol.prototype[Symbol.toPrimitive].call(1)), typeof Object(Symbol.iterator)[Symbol.toPrimitive]('number'), Date.prototype[Symbol.toPrimitive].name, Symbol.prototype[Symbol.toPrimitive].length);
