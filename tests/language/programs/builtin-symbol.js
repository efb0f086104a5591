// Symbols: description, registry, as keys.
const s = Symbol('desc');
console.log(s.toString(), s.description, typeof s, Symbol.for('k') === Symbol.for('k'), Symbol.keyFor(Symbol.for('k')), Symbol.keyFor(s), Symbol('a') === Symbol('a'));
const o = { [s]: 1, plain: 2 };
console.log(Object.keys(o).join(), Object.getOwnPropertySymbols(o).length, JSON.stringify(o), o[s], s in o);
console.log([Symbol.iterator, Symbol.asyncIterator, Symbol.hasInstance, Symbol.match, Symbol.species, Symbol.toPrimitive].map(String).join());
class Even {
  static [Symbol.hasInstance](n) {
    return n % 2 === 0;
  }
}
console.log(2 instanceof Even, 3 instanceof Even, Object(s) == s, [Symbol.isConcatSpreadable].length);
const spread = { length: 2, 0: 'a', 1: 'b', [Symbol.isConcatSpreadable]: true };
console.log([1].concat(spread).join());
try {
  new Symbol();
} catch (e) {
  console.log(e.name);
}
