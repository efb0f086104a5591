// Every way a function gets its name.
const a = () => 1, b = function () {}, c = class {}, d = async () => 1, e = function* () {}; let f; f = () => 1; let g = (() => 1); const [h = () => 1] = []; const { i = () => 1, j: k = function () {} } = {};
const s = Symbol('desc'), e0 = Symbol(); const o = { p: () => 1, q() {}, ['r' + 1]: () => 1, [s]: () => 1, [s + '' || 't']: 1 , 5: () => 1, 'a-b'() {}, async u() {}, *v() {}, [e0]() {} };
console.log([a, b, c, d, e, f, g, h, i, k].map((x) => x.name).join());
console.log(o.p.name, o.q.name, o.r1.name, o[s].name, o[5].name, o['a-b'].name, o.u.name, o.v.name, JSON.stringify(o[e0].name));
