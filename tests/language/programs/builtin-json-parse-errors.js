// What JSON.parse says about a text that is none.
const texts = ['', '{', '[1,', '{"a"}', '{a:1}', "{'a':1}", '[1,]', '{"a":1,}', '01', '1 2', '"abc', 'undefined', 'nul', 'NaN', '{"a":1', '"a\nb"', '[1 2]', '+1', '.5', '1.', '"\\x"', '{"a":tru}', '-', '\u00a01', 'tru', '{"a":1]', '[1}', '[-]', '"\\u12G4"', '-01', 'undefined', '1e', '{"a":1,x', '{"a" 1}'];
for (const t of texts) {
  try {
    JSON.parse(t);
    console.log('parsed', t);
  } catch (e) {
    console.log(e.name + ': ' + e.message);
  }
}
const long = '{"market":"BTC/USDT","price":50000,"volume":12.5,bad}';
try {
  JSON.parse(long);
} catch (e) {
  console.log(e.message);
}
for (const t of [undefined, {}, Symbol('x')]) {
  try {
    JSON.parse(t);
  } catch (e) {
    console.log(e.name);
  }
}
