/** URLSearchParams: a flat list of names and values, and the URL that shows it, if any. */
import { methods, constant, symbolMethod } from '../install.js';
import {
  iterate,
  iteratorMethod,
  makeIteratorPrototype,
  KEYS,
  VALUES,
  ENTRIES,
} from '../iterators.js';
import { parseForm, formText, wellFormed, textOf } from './url-text.js';

function Query(list, changed) {
  this.list = list;
  /** Called with the new text, for the params of a URL. */
  this.changed = changed;
}

function isObject(value) {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

function listFrom(init) {
  var list = [];
  if (init === undefined) return list;
  if (!isObject(init)) return parseForm(textOf(init).replace(/^\?/, ''));
  if (iteratorMethod(init) !== undefined) {
    iterate(init, function (pair) {
      var parts = [];
      if (!isObject(pair))
        throw new TypeError('Each query pair must be an iterable [name, value] tuple');
      iterate(pair, function (part) {
        parts.push(textOf(part));
      });
      if (parts.length !== 2)
        throw new TypeError('Each query pair must be an iterable [name, value] tuple');
      list.push(parts[0], parts[1]);
    });
    return list;
  }
  Object.keys(init).forEach(function (key) {
    list.push(wellFormed(key), textOf(init[key]));
  });
  return list;
}

/** The global URLSearchParams. */
export function URLSearchParams(init) {
  if (!(this instanceof URLSearchParams))
    throw new TypeError("Class constructor URLSearchParams cannot be invoked without 'new'");
  this.__H_query = new Query(listFrom(init === null ? 'null' : init), null);
  return this;
}

/** @returns {URLSearchParams} that tells `changed` of its new text */
export function paramsOf(text, changed) {
  var params = Object.create(URLSearchParams.prototype);
  params.__H_query = new Query(parseForm(text), changed);
  return params;
}

/** The URL has got another query. */
export function resetParams(params, text) {
  params.__H_query.list = parseForm(text);
}

function queryOf(params) {
  var query = isObject(params) ? params.__H_query : undefined;
  if (query === undefined) throw new TypeError('Value of "this" must be of type URLSearchParams');
  return query;
}

function update(query) {
  if (query.changed !== null) query.changed(formText(query.list));
}

function need(given, count) {
  if (given.length >= count) return;
  throw new TypeError(
    count > 1
      ? 'The "name" and "value" arguments must be specified'
      : 'The "name" argument must be specified',
  );
}

/** Walks the pairs with that name (and value, unless undefined); step gets the place. */
function remove(list, name, value) {
  for (var i = list.length - 2; i >= 0; i -= 2) {
    if (list[i] === name && (value === undefined || list[i + 1] === value)) list.splice(i, 2);
  }
}

function find(list, name, value) {
  for (var i = 0; i < list.length; i += 2)
    if (list[i] === name && (value === undefined || list[i + 1] === value)) return i;
  return -1;
}

function ParamsIterator(params, kind) {
  this.__H_iterated = params;
  this.__H_at = 0;
  this.__H_kind = kind;
}
ParamsIterator.prototype = makeIteratorPrototype(
  'URLSearchParams Iterator',
  {
    next() {
      var list = queryOf(this.__H_iterated).list;
      var at = this.__H_at;
      if (at >= list.length) return { value: undefined, done: true };
      this.__H_at = at + 2;
      if (this.__H_kind === ENTRIES) return { value: [list[at], list[at + 1]], done: false };
      return { value: list[this.__H_kind === KEYS ? at : at + 1], done: false };
    },
  }.next,
);

function optional(value) {
  return value === undefined ? undefined : textOf(value);
}

function sortPairs(list) {
  var pairs = [];
  var sorted = [];
  for (var i = 0; i < list.length; i += 2) pairs.push([list[i], list[i + 1]]);
  pairs.sort(function (a, b) {
    return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
  });
  pairs.forEach(function (pair) {
    sorted.push(pair[0], pair[1]);
  });
  return sorted;
}

methods(
  URLSearchParams.prototype,
  {
    get size() {
      return queryOf(this).list.length / 2;
    },
    append(name, value) {
      var query = queryOf(this);
      need(arguments, 2);
      query.list.push(textOf(name), textOf(value));
      update(query);
    },
    delete(name, value) {
      var query = queryOf(this);
      need(arguments, 1);
      remove(query.list, textOf(name), optional(value));
      update(query);
    },
    get(name) {
      var list = queryOf(this).list;
      var at;
      need(arguments, 1);
      at = find(list, textOf(name), undefined);
      return at < 0 ? null : list[at + 1];
    },
    getAll(name) {
      var list = queryOf(this).list;
      var found = [];
      need(arguments, 1);
      name = textOf(name);
      for (var i = 0; i < list.length; i += 2) if (list[i] === name) found.push(list[i + 1]);
      return found;
    },
    has(name, value) {
      var list = queryOf(this).list;
      need(arguments, 1);
      return find(list, textOf(name), optional(value)) >= 0;
    },
    set(name, value) {
      var query = queryOf(this);
      var at, rest;
      need(arguments, 2);
      name = textOf(name);
      at = find(query.list, name, undefined);
      if (at < 0) {
        query.list.push(name, textOf(value));
      } else {
        rest = query.list.splice(at + 2);
        query.list[at + 1] = textOf(value);
        remove(rest, name, undefined);
        query.list = query.list.concat(rest);
      }
      update(query);
    },
    sort() {
      var query = queryOf(this);
      query.list = sortPairs(query.list);
      update(query);
    },
    forEach(callback, thisArgument) {
      var query = queryOf(this);
      if (typeof callback !== 'function')
        throw new TypeError('The "callback" argument must be of type function');
      for (var i = 0; i < query.list.length; i += 2)
        callback.call(thisArgument, query.list[i + 1], query.list[i], this);
    },
    keys() {
      queryOf(this);
      return new ParamsIterator(this, KEYS);
    },
    values() {
      queryOf(this);
      return new ParamsIterator(this, VALUES);
    },
    entries() {
      queryOf(this);
      return new ParamsIterator(this, ENTRIES);
    },
    toString() {
      return formText(queryOf(this).list);
    },
  },
  { delete: 1, has: 1, forEach: 1 },
);
symbolMethod(
  URLSearchParams.prototype,
  Symbol.iterator,
  'entries',
  URLSearchParams.prototype.entries,
);
constant(URLSearchParams.prototype, Symbol.toStringTag, 'URLSearchParams');
