// && || ! with values, short circuits and mixed with ??.
const log = []; const v = (x) => (log.push(String(x)), x);
console.log(v(0) || v('') || v(null) || v('last'), log.join()); log.length = 0;
console.log(v(1) && v('a') && v(0) && v('no'), log.join()); log.length = 0;
console.log(v(0) ?? v('d'), v(null) ?? v(undefined) ?? v('e'), (v(null) || v(undefined)) ?? v('f'), v('') ?? v('g'), log.join());
console.log(!'' + !0, !!'false', !NaN, !!-0, !!' ', !![], !!{}, !null, !undefined, !document_all_missing());
function document_all_missing() { return false; }
let a = 0, b = 1, c = null; const o = { x: 0, y: 1, z: null };
a ||= 5; b &&= 6; c ??= 7; o.x ||= 8; o.y &&= 9; o.z ??= 10; o['w'] ??= 11;
console.log(a, b, c, JSON.stringify(o));
const ro = { get p() { return 1; }, set p(x) { log.push('set'); } };
log.length = 0; ro.p ||= 1; ro.p ??= 1; ro.p &&= 2; console.log(log.join());
const fn = {}; fn.a ||= () => 1; let anon; anon ??= function () {}; let kl; kl ||= class {}; console.log(fn.a.name, anon.name, kl.name);
