/**
 * Headers. The pairs are one flat list, [name, value, name, value, …], names in lower case: what the supervisor sends
 * is taken as it is, and a list is read from front to back anyway.
 */
import { methods, constant, symbolMethod } from '../install.js';
import {
  iterate,
  iteratorMethod,
  makeIteratorPrototype,
  KEYS,
  VALUES,
  ENTRIES,
} from '../iterators.js';

var TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
var OUTER_SPACE = /^[\t\n\r ]+|[\t\n\r ]+$/g;

function nameOf(method, name) {
  name = String(name);
  if (!TOKEN.test(name))
    throw new TypeError('Headers.' + method + ': ' + name + ' is an invalid header name.');
  return name.toLowerCase();
}

function valueOf(method, value) {
  var code;
  value = String(value).replace(OUTER_SPACE, '');
  for (var i = 0; i < value.length; i++) {
    code = value.charCodeAt(i);
    if (code === 0 || code === 10 || code === 13 || code > 255)
      throw new TypeError('Headers.' + method + ': "' + value + '" is an invalid header value.');
  }
  return value;
}

/** @returns {string|null} the values of a name in lower case, joined as HTTP has it */
export function valueIn(list, name) {
  var found = null;
  for (var i = 0; i < list.length; i += 2) {
    if (list[i] !== name) continue;
    if (found === null) found = list[i + 1];
    else found += (name === 'cookie' ? '; ' : ', ') + list[i + 1];
  }
  return found;
}

function removeFrom(list, name) {
  for (var i = list.length - 2; i >= 0; i -= 2) if (list[i] === name) list.splice(i, 2);
}

/** Puts a value in the place of the first of that name. */
function setIn(list, name, value) {
  for (var i = 0; i < list.length && list[i] !== name; i += 2);
  if (i >= list.length) {
    list.push(name, value);
    return;
  }
  var rest = list.splice(i + 2);
  list[i + 1] = value;
  removeFrom(rest, name);
  list.push.apply(list, rest);
}

/** Adds what the `init` of a constructor names to a list. */
export function fillList(list, init) {
  if (init === undefined) return;
  if (init === null || (typeof init !== 'object' && typeof init !== 'function'))
    throw new TypeError('Headers constructor: init must be a sequence or a record');
  if (init.__H_list !== undefined && init[Symbol.iterator] === Headers.prototype.entries) {
    list.push.apply(list, init.__H_list);
  } else if (iteratorMethod(init) !== undefined) {
    iterate(init, function (pair) {
      var parts = [];
      if (pair === null || typeof pair !== 'object')
        throw new TypeError('Headers constructor: a pair must be a sequence');
      iterate(pair, function (part) {
        parts.push(part);
      });
      if (parts.length !== 2)
        throw new TypeError(
          'Headers constructor: expected name/value pair to be length 2, found ' +
            parts.length +
            '.',
        );
      list.push(nameOf('append', parts[0]), valueOf('append', parts[1]));
    });
  } else {
    Reflect.ownKeys(init).forEach(function (key) {
      var descriptor = Object.getOwnPropertyDescriptor(init, key);
      if (descriptor === undefined || !descriptor.enumerable) return;
      if (typeof key === 'symbol') throw new TypeError('Headers constructor: a name is a symbol');
      list.push(nameOf('append', key), valueOf('append', init[key]));
    });
  }
}

/** The global Headers. */
export function Headers(init) {
  if (!(this instanceof Headers))
    throw new TypeError("Class constructor Headers cannot be invoked without 'new'");
  this.__H_list = [];
  this.__H_fixed = false;
  fillList(this.__H_list, init);
  return this;
}

/** @returns {Headers} over a list that stays the caller's, too */
export function headersOf(list, isFixed) {
  var headers = Object.create(Headers.prototype);
  headers.__H_list = list;
  headers.__H_fixed = isFixed;
  return headers;
}

function listOf(headers) {
  var list = headers === null || typeof headers !== 'object' ? undefined : headers.__H_list;
  if (list === undefined) throw new TypeError('Illegal invocation: not Headers');
  return list;
}

function writable(headers) {
  var list = listOf(headers);
  if (headers.__H_fixed) throw new TypeError('immutable');
  return list;
}

function need(method, given, count) {
  if (given.length >= count) return;
  throw new TypeError(
    'Headers.' +
      method +
      ': ' +
      count +
      ' argument' +
      (count > 1 ? 's' : '') +
      ' required, but only ' +
      given.length +
      ' present.',
  );
}

/** Sorted by name, values of one name together; each set-cookie stays alone. */
function sorted(list) {
  var names = [];
  var entries = [];
  for (var i = 0; i < list.length; i += 2) if (names.indexOf(list[i]) < 0) names.push(list[i]);
  names.sort();
  names.forEach(function (name) {
    if (name !== 'set-cookie') {
      entries.push([name, valueIn(list, name)]);
      return;
    }
    for (var j = 0; j < list.length; j += 2)
      if (list[j] === name) entries.push([name, list[j + 1]]);
  });
  return entries;
}

function HeadersIterator(headers, kind) {
  this.__H_iterated = headers;
  this.__H_at = 0;
  this.__H_kind = kind;
}
HeadersIterator.prototype = makeIteratorPrototype(
  'Headers Iterator',
  {
    next() {
      // Sorted anew at each step: what changes meanwhile is seen, as everywhere.
      var entries = sorted(listOf(this.__H_iterated));
      var entry = entries[this.__H_at];
      if (entry === undefined) return { value: undefined, done: true };
      this.__H_at++;
      return {
        value: this.__H_kind === ENTRIES ? entry : entry[this.__H_kind === KEYS ? 0 : 1],
        done: false,
      };
    },
  }.next,
);

methods(
  Headers.prototype,
  {
    append(name, value) {
      var list;
      need('append', arguments, 2);
      name = nameOf('append', name);
      value = valueOf('append', value);
      list = writable(this);
      list.push(name, value);
    },
    delete(name) {
      need('delete', arguments, 1);
      name = nameOf('delete', name);
      removeFrom(writable(this), name);
    },
    get(name) {
      need('get', arguments, 1);
      return valueIn(listOf(this), nameOf('get', name));
    },
    has(name) {
      need('has', arguments, 1);
      return valueIn(listOf(this), nameOf('has', name)) !== null;
    },
    set(name, value) {
      need('set', arguments, 2);
      name = nameOf('set', name);
      value = valueOf('set', value);
      setIn(writable(this), name, value);
    },
    getSetCookie() {
      var found = [];
      var list = listOf(this);
      for (var i = 0; i < list.length; i += 2)
        if (list[i] === 'set-cookie') found.push(list[i + 1]);
      return found;
    },
    forEach(callback, thisArgument) {
      need('forEach', arguments, 1);
      if (typeof callback !== 'function')
        throw new TypeError(
          "Failed to execute 'forEach' on 'Headers': parameter 1 is not of type 'Function'.",
        );
      var entries = sorted(listOf(this));
      for (var i = 0; i < entries.length; i++)
        callback.call(thisArgument, entries[i][1], entries[i][0], this);
    },
    keys() {
      listOf(this);
      return new HeadersIterator(this, KEYS);
    },
    values() {
      listOf(this);
      return new HeadersIterator(this, VALUES);
    },
    entries() {
      listOf(this);
      return new HeadersIterator(this, ENTRIES);
    },
  },
  { forEach: 1 },
);
symbolMethod(Headers.prototype, Symbol.iterator, 'entries', Headers.prototype.entries);
constant(Headers.prototype, Symbol.toStringTag, 'Headers');
