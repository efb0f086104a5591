// Objects with the well-known symbols take over match, replace, search and split.
const custom = {
  [Symbol.match]: (s) => 'match ' + s,
  [Symbol.replace]: (s, r) => 'replace ' + s + ' ' + r,
  [Symbol.search]: (s) => 'search ' + s,
  [Symbol.split]: (s, l) => 'split ' + s + ' ' + l,
  [Symbol.matchAll]: (s) => ['all ' + s],
  flags: 'g',
};
console.log('t'.match(custom), '|', 't'.replace(custom, 'r'), '|', 't'.search(custom), '|', 't'.split(custom, 2), '|', 't'.matchAll(custom)[0]);
console.log(typeof RegExp.prototype[Symbol.replace], /a/[Symbol.match]('ba').index, /-/[Symbol.split]('a-b').join());
