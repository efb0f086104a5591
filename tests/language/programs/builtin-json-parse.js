// JSON.parse: values, revivers, white space, duplicate keys, __proto__.
console.log(JSON.stringify(JSON.parse(' {"a" : [1, 2.5e3, -0.1, true, null, "x\\u0041\\n"]} ')), JSON.parse('5'), JSON.parse('"s"'), JSON.parse('\t\r\n null '));
console.log(JSON.stringify(JSON.parse('{"a":1,"b":{"c":2}}', (k, v) => (typeof v === 'number' ? v * 10 : v))), JSON.stringify(JSON.parse('[1,2,3]', (k, v) => (k === '1' ? undefined : v))));
const seen = [];
JSON.parse('{"x":[1,{"y":2}]}', function (k, v) {
  seen.push(k);
  return v;
});
console.log(seen.join('|'), JSON.parse('{"a":1,"a":2}').a, Object.is(JSON.parse('-0'), -0));
const p = JSON.parse('{"__proto__":{"evil":1},"constructor":2}');
console.log(Object.keys(p).join(), p.evil, Object.getPrototypeOf(p) === Object.prototype, JSON.stringify(p));
console.log(JSON.parse('1e400'), JSON.parse('123456789012345678'), JSON.parse('[]').length, JSON.parse('{"":0}')['']);
