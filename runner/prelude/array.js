/** Array: what the engine lacks of ES2022, and a stable sort. */
import { methods } from './install.js';
import { iterate, iteratorMethod } from './iterators.js';
import { lazyMethods } from './lazy.js';
import loadAsync from './array-async.js?lazy';

var MAX_LENGTH = Number.MAX_SAFE_INTEGER;

function toInteger(value) {
  value = Math.trunc(+value);
  return value !== value ? 0 : value;
}

export function lengthOf(list) {
  var length = toInteger(list.length);
  return length <= 0 ? 0 : Math.min(length, MAX_LENGTH);
}

/** A relative index made absolute and kept within 0 and length. */
export function relative(value, length, otherwise) {
  if (value === undefined) return otherwise;
  value = toInteger(value);
  return value < 0 ? Math.max(length + value, 0) : Math.min(value, length);
}

function toList(value, method) {
  if (value === null || value === undefined) {
    throw new TypeError('Array.prototype.' + method + ' called on null or undefined');
  }
  return Object(value);
}

/** What an error message calls a value that should have been a function. */
export function naming(value) {
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return String(value);
  return '#<' + ((value.constructor && value.constructor.name) || 'Object') + '>';
}

export function requireFunction(value) {
  if (typeof value !== 'function') throw new TypeError(naming(value) + ' is not a function');
}

function sameValueZero(a, b) {
  return a === b || (a !== a && b !== b);
}

/** Appends the elements of `list`, of lists among them down to `depth`, to `to`. */
function flattenInto(to, list, depth) {
  var length = lengthOf(list);
  for (var i = 0; i < length; i++) {
    if (!(i in list)) continue;
    if (depth > 0 && Array.isArray(list[i])) flattenInto(to, list[i], depth - 1);
    else to[to.length] = list[i];
  }
  return to;
}

export var arrayMethods = {
  at(index) {
    var list = toList(this, 'at');
    var length = lengthOf(list);
    index = toInteger(index);
    if (index < 0) index += length;
    return index < 0 || index >= length ? undefined : list[index];
  },
  copyWithin(target, start, end) {
    var list = toList(this, 'copyWithin');
    var length = lengthOf(list);
    var to = relative(target, length, 0);
    var from = relative(start, length, 0);
    var count = Math.min(relative(end, length, length) - from, length - to);
    var direction = 1;
    if (from < to && to < from + count) {
      direction = -1;
      from += count - 1;
      to += count - 1;
    }
    for (; count > 0; count--, from += direction, to += direction) {
      if (from in list) list[to] = list[from];
      else delete list[to];
    }
    return list;
  },
  fill(value, start, end) {
    var list = toList(this, 'fill');
    var length = lengthOf(list);
    var stop = relative(end, length, length);
    for (var i = relative(start, length, 0); i < stop; i++) list[i] = value;
    return list;
  },
  find(predicate, thisArgument) {
    var list = toList(this, 'find');
    var length = lengthOf(list);
    requireFunction(predicate);
    for (var i = 0; i < length; i++) {
      var value = list[i];
      if (predicate.call(thisArgument, value, i, list)) return value;
    }
    return undefined;
  },
  findIndex(predicate, thisArgument) {
    var list = toList(this, 'findIndex');
    var length = lengthOf(list);
    requireFunction(predicate);
    for (var i = 0; i < length; i++) if (predicate.call(thisArgument, list[i], i, list)) return i;
    return -1;
  },
  findLast(predicate, thisArgument) {
    var list = toList(this, 'findLast');
    requireFunction(predicate);
    for (var i = lengthOf(list) - 1; i >= 0; i--) {
      var value = list[i];
      if (predicate.call(thisArgument, value, i, list)) return value;
    }
    return undefined;
  },
  findLastIndex(predicate, thisArgument) {
    var list = toList(this, 'findLastIndex');
    requireFunction(predicate);
    for (var i = lengthOf(list) - 1; i >= 0; i--)
      if (predicate.call(thisArgument, list[i], i, list)) return i;
    return -1;
  },
  flat(depth) {
    var list = toList(this, 'flat');
    return flattenInto([], list, depth === undefined ? 1 : toInteger(depth));
  },
  flatMap(mapper, thisArgument) {
    var list = toList(this, 'flatMap');
    var length = lengthOf(list);
    var to = [];
    if (typeof mapper !== 'function')
      throw new TypeError('flatMap mapper function is not callable');
    for (var i = 0; i < length; i++) {
      if (!(i in list)) continue;
      var value = mapper.call(thisArgument, list[i], i, list);
      if (Array.isArray(value)) flattenInto(to, value, 0);
      else to[to.length] = value;
    }
    return to;
  },
  includes(wanted, from) {
    var list = toList(this, 'includes');
    var length = lengthOf(list);
    for (var i = relative(from, length, 0); i < length; i++)
      if (sameValueZero(list[i], wanted)) return true;
    return false;
  },
  sort(compare) {
    if (compare !== undefined && typeof compare !== 'function') {
      throw new TypeError('The comparison function must be either a function or undefined');
    }
    return sortList(toList(this, 'sort'), compare);
  },
};

function sortList(list, compare) {
  var length = lengthOf(list);
  var values = [];
  var undefineds = 0;
  var i;
  for (i = 0; i < length; i++) {
    if (!(i in list)) continue;
    if (list[i] === undefined) undefineds++;
    else values[values.length] = list[i];
  }
  values = compare ? mergeSort(values, compare) : sortByText(values);
  for (i = 0; i < values.length; i++) list[i] = values[i];
  for (; undefineds > 0; undefineds--) list[i++] = undefined;
  for (; i < length; i++) delete list[i];
  return list;
}

function sortByText(values) {
  var texts = [];
  var plain = true;
  var i;
  for (i = 0; i < values.length; i++) {
    texts[i] = String(values[i]);
    if (texts[i] !== values[i]) plain = false;
  }
  if (plain) return mergeSort(texts, compareTexts);
  var order = mergeSort(
    texts.map(function (text, place) {
      return { text: text, value: values[place] };
    }),
    function (a, b) {
      return compareTexts(a.text, b.text);
    },
  );
  for (i = 0; i < order.length; i++) order[i] = order[i].value;
  return order;
}

function compareTexts(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Short runs are sorted by insertion, then merged: stable, n log n. */
var RUN = 8;

/**
 * The later value is the comparison's first argument, as in V8: one that answers true and false changes nothing.
 * @returns {Array} the values in order; `values` is used up
 */
export function mergeSort(values, compare) {
  var length = values.length;
  var from = values;
  var to = [];
  var width, low, middle, high, i, j, value;
  for (low = 0; low < length; low += RUN) {
    high = Math.min(low + RUN, length);
    for (i = low + 1; i < high; i++) {
      value = values[i];
      for (j = i; j > low && compare(value, values[j - 1]) < 0; j--) values[j] = values[j - 1];
      values[j] = value;
    }
  }
  for (width = RUN; width < length; width *= 2) {
    for (low = 0; low < length; low += 2 * width) {
      middle = Math.min(low + width, length);
      high = Math.min(low + 2 * width, length);
      merge(from, to, low, middle, high, compare);
    }
    values = from;
    from = to;
    to = values;
  }
  return from;
}

function merge(from, to, low, middle, high, compare) {
  var left = low;
  var right = middle;
  for (var i = low; i < high; i++) {
    if (left < middle && (right >= high || !(compare(from[right], from[left]) < 0)))
      to[i] = from[left++];
    else to[i] = from[right++];
  }
}

export function isConstructor(value) {
  return typeof value === 'function' && value.prototype !== undefined;
}

export function setAt(list, index, value) {
  Object.defineProperty(list, index, {
    value: value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

var arrayStatics = {
  from(items, mapper, thisArgument) {
    var to, length, source;
    var index = 0;
    if (mapper !== undefined) requireFunction(mapper);
    if (items === null || items === undefined) {
      throw new TypeError(
        String(items) + ' is not iterable (cannot read property Symbol(Symbol.iterator))',
      );
    }
    if (iteratorMethod(items) !== undefined) {
      to = isConstructor(this) && this !== Array ? new this() : [];
      iterate(
        items,
        {
          step(value) {
            if (mapper !== undefined) value = mapper.call(thisArgument, value, index);
            setAt(to, index++, value);
          },
        }.step,
      );
    } else {
      source = Object(items);
      length = lengthOf(source);
      to = isConstructor(this) && this !== Array ? new this(length) : new Array(length);
      for (; index < length; index++) {
        setAt(
          to,
          index,
          mapper === undefined ? source[index] : mapper.call(thisArgument, source[index], index),
        );
      }
    }
    to.length = index;
    return to;
  },
  of() {
    var to = isConstructor(this) && this !== Array ? new this(arguments.length) : [];
    for (var i = 0; i < arguments.length; i++) setAt(to, i, arguments[i]);
    to.length = arguments.length;
    return to;
  },
};

export function installArray() {
  methods(Array.prototype, arrayMethods, {
    copyWithin: 2,
    fill: 1,
    find: 1,
    findIndex: 1,
    findLast: 1,
    findLastIndex: 1,
    flat: 0,
    flatMap: 1,
    includes: 1,
  });
  methods(Array, arrayStatics, { from: 1 });
  lazyMethods(Array, loadAsync, { fromAsync: 1 });
}
