/** What reflection shows of the engine's own members where it is not what the standard says: names, lengths, species. */
import { constant } from './install.js';

var UNSCOPABLES =
  'at copyWithin entries fill find findIndex findLast findLastIndex flat flatMap includes keys values';
var DATA_KINDS = ['Float32', 'Float64', 'Int16', 'Int32', 'Int8', 'Uint16', 'Uint32', 'Uint8'];

var own = {
  get species() {
    return this;
  },
};

/** `constructor[Symbol.species]` is the constructor that it is asked of. */
export function giveSpecies(constructor) {
  Object.defineProperty(constructor, Symbol.species, {
    get: Object.getOwnPropertyDescriptor(own, 'species').get,
    enumerable: false,
    configurable: true,
  });
}

function nameSymbolMethod(object, symbol, name) {
  constant(object[symbol], 'name', '[Symbol.' + name + ']');
}

/** @param {object} global */
export function installShapes(global) {
  constant(global.parseFloat, 'name', 'parseFloat');
  constant(global.parseInt, 'name', 'parseInt');
  nameSymbolMethod(Symbol.prototype, Symbol.toPrimitive, 'toPrimitive');
  nameSymbolMethod(Date.prototype, Symbol.toPrimitive, 'toPrimitive');
  nameSymbolMethod(Function.prototype, Symbol.hasInstance, 'hasInstance');
  constant(Symbol.prototype[Symbol.toPrimitive], 'length', 1);
  constant(ArrayBuffer.prototype, Symbol.toStringTag, 'ArrayBuffer');
  constant(DataView.prototype, Symbol.toStringTag, 'DataView');
  constant(DataView, 'length', 1);
  for (var i = 0; i < DATA_KINDS.length; i++) {
    constant(DataView.prototype['get' + DATA_KINDS[i]], 'length', 1);
    constant(DataView.prototype['set' + DATA_KINDS[i]], 'length', 2);
  }
  [Array, ArrayBuffer, global.Map, global.Set, RegExp].forEach(giveSpecies);
  constant(Array.prototype, Symbol.unscopables, unscopables());
}

function unscopables() {
  var list = Object.create(null);
  UNSCOPABLES.split(' ').forEach(function (name) {
    list[name] = true;
  });
  return list;
}
