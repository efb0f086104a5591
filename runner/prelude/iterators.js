/**
 * The iteration protocol: the prototypes that iterators share, iterators of arrays and strings, and the loop over
 * any iterable that the other modules use.
 */
import { methods, symbolMethod, constant } from './install.js';
import { defineSymbols } from './symbol.js';

defineSymbols();

var symbolIterator = Symbol.iterator;
var isArray = Array.isArray;
var toText = Object.prototype.toString;

export var iteratorPrototype = {};
export var asyncIteratorPrototype = {};

var self = {
  iterator() {
    return this;
  },
  asyncIterator() {
    return this;
  },
};
symbolMethod(iteratorPrototype, symbolIterator, '[Symbol.iterator]', self.iterator);
symbolMethod(
  asyncIteratorPrototype,
  Symbol.asyncIterator,
  '[Symbol.asyncIterator]',
  self.asyncIterator,
);

/**
 * @param {string} tag such as 'Array Iterator'
 * @param {function(): {value: *, done: boolean}} next
 */
export function makeIteratorPrototype(tag, next) {
  var prototype = Object.create(iteratorPrototype);
  methods(prototype, { next: next });
  constant(prototype, Symbol.toStringTag, tag);
  return prototype;
}

export var KEYS = 0;
export var VALUES = 1;
export var ENTRIES = 2;

function ArrayIterator(target, kind) {
  this.__H_target = target;
  this.__H_at = 0;
  this.__H_kind = kind;
}

function toLength(value) {
  var length = Math.trunc(+value) || 0;
  return length <= 0 ? 0 : Math.min(length, Number.MAX_SAFE_INTEGER);
}

var arrayNext = {
  next() {
    var target = this.__H_target;
    var at = this.__H_at;
    if (target === undefined || at >= (isArray(target) ? target.length : toLength(target.length))) {
      this.__H_target = undefined;
      return { value: undefined, done: true };
    }
    this.__H_at = at + 1;
    if (this.__H_kind === VALUES) return { value: target[at], done: false };
    return { value: this.__H_kind === KEYS ? at : [at, target[at]], done: false };
  },
}.next;
export var arrayIteratorPrototype = (ArrayIterator.prototype = makeIteratorPrototype(
  'Array Iterator',
  arrayNext,
));

/** @param {number} kind KEYS, VALUES or ENTRIES */
export function arrayIterator(target, kind) {
  if (target === null || target === undefined)
    throw new TypeError('Cannot convert undefined or null to object');
  return new ArrayIterator(Object(target), kind);
}

/** keys, values and entries as they stand on Array.prototype and on typed arrays. */
export var listIterators = {
  keys() {
    return arrayIterator(this, KEYS);
  },
  values() {
    return arrayIterator(this, VALUES);
  },
  entries() {
    return arrayIterator(this, ENTRIES);
  },
};

function StringIterator(text) {
  this.__H_target = text;
  this.__H_at = 0;
}
StringIterator.prototype = makeIteratorPrototype(
  'String Iterator',
  {
    next() {
      var text = this.__H_target;
      var at = this.__H_at;
      var first, second, size;
      if (at >= text.length) return { value: undefined, done: true };
      size = 1;
      first = text.charCodeAt(at);
      if (first >= 0xd800 && first <= 0xdbff && at + 1 < text.length) {
        second = text.charCodeAt(at + 1);
        if (second >= 0xdc00 && second <= 0xdfff) size = 2;
      }
      this.__H_at = at + size;
      return { value: text.substr(at, size), done: false };
    },
  }.next,
);

export var stringIterator = {
  iterator() {
    if (this === null || this === undefined) {
      throw new TypeError('String.prototype[Symbol.iterator] called on null or undefined');
    }
    return new StringIterator(String(this));
  },
}.iterator;

function install() {
  methods(Array.prototype, listIterators);
  Object.defineProperty(Array.prototype, symbolIterator, {
    value: listIterators.values,
    writable: true,
    enumerable: false,
    configurable: true,
  });
  symbolMethod(String.prototype, symbolIterator, '[Symbol.iterator]', stringIterator);
}
install();

function notIterable(value) {
  var what = typeof value;
  if (what === 'string') what = '"' + value + '"';
  else if (value === null || what === 'number' || what === 'boolean' || what === 'undefined')
    what += ' ' + value;
  if (value === undefined) what = 'undefined';
  return new TypeError(what + ' is not iterable (cannot read property Symbol(Symbol.iterator))');
}

/** @returns {Function|undefined} the value's iterator method */
export function iteratorMethod(value) {
  var method = value === null || value === undefined ? undefined : value[symbolIterator];
  if (method !== undefined && method !== null) return method;
  // The engine's arguments objects have no iterator of their own.
  return typeof value === 'object' && toText.call(value) === '[object Arguments]'
    ? listIterators.values
    : undefined;
}

/** Whether `for of` over the value is the plain walk over an array's elements. */
export function isPlainArray(value) {
  return (
    isArray(value) &&
    value[symbolIterator] === listIterators.values &&
    arrayIteratorPrototype.next === arrayNext
  );
}

function close(iterator) {
  try {
    var method = iterator.return;
    if (method !== undefined && method !== null) method.call(iterator);
  } catch (error) {
    // The error that made us close the iterator is the one to report.
  }
}

/** Calls step(value) for each value; closes the iterator when step throws, and lets the error pass. */
export function iterate(iterable, step) {
  var method, iterator, next, result, value;
  if (isPlainArray(iterable)) {
    for (var i = 0; i < iterable.length; i++) step(iterable[i]);
    return;
  }
  method = iteratorMethod(iterable);
  if (typeof method !== 'function') throw notIterable(iterable);
  iterator = method.call(iterable);
  if (iterator === null || (typeof iterator !== 'object' && typeof iterator !== 'function')) {
    throw new TypeError('Result of the Symbol.iterator method is not an object');
  }
  next = iterator.next;
  for (;;) {
    result = next.call(iterator);
    if (result === null || (typeof result !== 'object' && typeof result !== 'function')) {
      throw new TypeError('Iterator result ' + String(result) + ' is not an object');
    }
    if (result.done) return;
    value = result.value;
    try {
      step(value);
    } catch (error) {
      close(iterator);
      throw error;
    }
  }
}
