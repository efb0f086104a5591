/** What the engine's Symbol lacks: the newer well-known symbols and `description`. */
import { methods } from './install.js';

var WELL_KNOWN = [
  'asyncIterator',
  'match',
  'matchAll',
  'replace',
  'search',
  'split',
  'species',
  'unscopables',
];

/** Runs before everything that names one of these symbols. */
export function defineSymbols() {
  for (var i = 0; i < WELL_KNOWN.length; i++) {
    if (Symbol[WELL_KNOWN[i]] === undefined) {
      Object.defineProperty(Symbol, WELL_KNOWN[i], { value: Symbol('Symbol.' + WELL_KNOWN[i]) });
    }
  }
}

var symbolToString = Symbol.prototype.toString;

methods(Symbol.prototype, {
  get description() {
    // The engine does not tell Symbol() and Symbol('') apart.
    return symbolToString.call(this).slice(7, -1);
  },
});
