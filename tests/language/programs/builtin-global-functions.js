// eval-free globals: encodeURI family, isNaN, parse functions, escape.
console.log(encodeURIComponent("a b&c=d/e?f#g'()*!~"), encodeURI("http://x.y/a b?c=d&e=é#h[1]"), decodeURI('%41%20%3B%2F'), decodeURIComponent('%41%20%3B%2F%F0%9F%98%80'));
for (const bad of ['%', '%4', '%zz', '%80', '%F0%9F']) {
  try {
    decodeURIComponent(bad);
    console.log('ok', bad);
  } catch (e) {
    console.log(e.name, e.message);
  }
}
try {
  encodeURIComponent('\ud800');
} catch (e) {
  console.log(e.name, e.message);
}
console.log(isNaN('x'), isNaN(''), isNaN(undefined), isFinite('12'), isFinite(null), isFinite(Infinity), escape('ä€ b+@*_-./'), unescape('%E4%u20AC%zz'));
console.log(typeof globalThis.structuredClone, typeof performance.now(), performance.now() <= performance.now(), Number.isFinite(performance.now()));
