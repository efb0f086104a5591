// matchAll: groups, indices, independence of lastIndex, empty matches.
const re = /(\w)(\d)/g;
const found = [...'a1 b2 c3'.matchAll(re)];
console.log(found.map((m) => m[0] + m.index + m[1] + m[2]).join(), re.lastIndex, found[0].input);
console.log([...'abc'.matchAll(/x*/g)].length, [...'a,b'.matchAll(',')].length, [...'aaa'.matchAll('a')].map((m) => m.index).join());
re.lastIndex = 3;
console.log([...'a1 b2 c3'.matchAll(re)].length, re.lastIndex);
try {
  'a'.matchAll(/a/);
} catch (e) {
  console.log(e.name, e.message);
}
const it = 'ab'.matchAll(/./g);
console.log(Object.prototype.toString.call(it), it.next().value[0], it[Symbol.iterator]() === it);
