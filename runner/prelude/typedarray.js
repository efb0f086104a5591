/**
 * Typed arrays: what the engine lacks of ES2022. Methods that only read, or that write element by element, are the
 * very functions of Array.prototype, which work on anything with a length.
 */
import { methods, constant, hide, symbolMethod, globalClass } from './install.js';
import { iterate, iteratorMethod, listIterators } from './iterators.js';
import { ARRAY_KINDS, nativeArrays } from './natives.js';
import { giveSpecies } from './shapes.js';
import { arrayMethods, requireFunction, relative, mergeSort } from './array.js';

var SHARED = [
  'every',
  'forEach',
  'indexOf',
  'join',
  'lastIndexOf',
  'reduce',
  'reduceRight',
  'reverse',
  'some',
];
var SHARED_ADDED = [
  'at',
  'copyWithin',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
  'includes',
];

function compareNumbers(a, b) {
  if (a !== a) return b !== b ? 0 : 1;
  if (b !== b) return -1;
  if (a === 0 && b === 0) return 1 / a - 1 / b < 0 ? -1 : 1 / a === 1 / b ? 0 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

var own = {
  fill(value, start, end) {
    var length = this.length;
    var stop = relative(end, length, length);
    value = +value;
    for (var i = relative(start, length, 0); i < stop; i++) this[i] = value;
    return this;
  },
  filter(predicate, thisArgument) {
    var kept = [];
    requireFunction(predicate);
    for (var i = 0; i < this.length; i++) {
      if (predicate.call(thisArgument, this[i], i, this)) kept[kept.length] = this[i];
    }
    return new this.constructor(kept);
  },
  map(mapper, thisArgument) {
    var length = this.length;
    var to = new this.constructor(length);
    requireFunction(mapper);
    for (var i = 0; i < length; i++) to[i] = mapper.call(thisArgument, this[i], i, this);
    return to;
  },
  slice(start, end) {
    var length = this.length;
    var from = relative(start, length, 0);
    var stop = Math.max(from, relative(end, length, length));
    return new this.constructor(this.subarray(from, stop));
  },
  sort(compare) {
    var values, i;
    if (compare !== undefined) {
      if (typeof compare !== 'function') {
        throw new TypeError('The comparison function must be either a function or undefined');
      }
    }
    values = Array.prototype.slice.call(this);
    values = mergeSort(values, compare || compareNumbers);
    for (i = 0; i < values.length; i++) this[i] = values[i];
    return this;
  },
  toLocaleString() {
    return Array.prototype.toLocaleString.call(this);
  },
  toString() {
    return Array.prototype.join.call(this, ',');
  },
};

var statics = {
  from(items, mapper, thisArgument) {
    var list = [];
    if (mapper !== undefined) requireFunction(mapper);
    if (iteratorMethod(items) !== undefined) {
      iterate(
        items,
        {
          step(value) {
            list[list.length] = value;
          },
        }.step,
      );
    } else {
      list = Array.prototype.slice.call(items);
      for (var i = 0; i < items.length; i++) list[i] = items[i];
    }
    if (mapper !== undefined) {
      for (var j = 0; j < list.length; j++) list[j] = mapper.call(thisArgument, list[j], j);
    }
    return new this(list);
  },
  of() {
    return new this(Array.prototype.slice.call(arguments));
  },
};

var tag = {
  get tag() {
    var text;
    if (this === null || typeof this !== 'object' || !ArrayBuffer.isView(this)) return undefined;
    text =
      this.constructor && this.constructor.BYTES_PER_ELEMENT ? this.constructor.name : undefined;
    return text;
  },
};

/** The engine makes no typed array of an iterable, and no subclass of one. */
function wrap(native) {
  function TypedArray(source, offset, length) {
    var made;
    if (!(this instanceof TypedArray)) {
      throw new TypeError('Constructor ' + TypedArray.name + " requires 'new'");
    }
    if (arguments.length > 1) {
      made = length === undefined ? new native(source, offset) : new native(source, offset, length);
    } else {
      made = new native(isIterableObject(source) ? Array.from(source) : source);
    }
    if (Object.getPrototypeOf(this) !== native.prototype) {
      Object.setPrototypeOf(made, Object.getPrototypeOf(this));
    }
    return made;
  }
  TypedArray.prototype = native.prototype;
  Object.setPrototypeOf(TypedArray, Object.getPrototypeOf(native));
  Object.defineProperty(TypedArray, 'BYTES_PER_ELEMENT', { value: native.BYTES_PER_ELEMENT });
  return TypedArray;
}

function isIterableObject(value) {
  return (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !(value instanceof ArrayBuffer) &&
    !ArrayBuffer.isView(value) &&
    iteratorMethod(value) !== undefined
  );
}

/** The constructor that all kinds inherit from; only their own can be called. */
function completeParent(parent, prototype) {
  hide(prototype, 'constructor', parent);
  methods(parent, statics, { from: 1 });
  giveSpecies(parent);
}

/** @param {object} global */
export function installTypedArrays(global) {
  var prototype = Object.getPrototypeOf(nativeArrays[0].prototype);
  var i;
  methods(prototype, own, { fill: 1, filter: 1, map: 1 });
  methods(prototype, listIterators);
  symbolMethod(prototype, Symbol.iterator, 'values', prototype.values);
  for (i = 0; i < SHARED.length; i++) hide(prototype, SHARED[i], Array.prototype[SHARED[i]]);
  for (i = 0; i < SHARED_ADDED.length; i++)
    hide(prototype, SHARED_ADDED[i], arrayMethods[SHARED_ADDED[i]]);
  constant(prototype.set, 'length', 1);
  completeParent(Object.getPrototypeOf(nativeArrays[0]), prototype);
  Object.defineProperty(prototype, Symbol.toStringTag, {
    get: Object.getOwnPropertyDescriptor(tag, 'tag').get,
    enumerable: false,
    configurable: true,
  });
  for (i = 0; i < ARRAY_KINDS.length; i++) {
    var kind = wrap(nativeArrays[i]);
    globalClass(global, ARRAY_KINDS[i], kind, 3);
  }
}
