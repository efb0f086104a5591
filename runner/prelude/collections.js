/**
 * Map and Set; the weak ones are in weak.js.
 *
 * A Map keeps keys and values in two arrays in the order of insertion and finds a key's place through dictionaries:
 * strings and symbols in one, numbers in one, objects by a hidden number that an object gets when it first becomes a
 * key. A deleted place is marked; when most places are marked the table is written anew, and the old one tells
 * iterators that still hold it where they stand in the new one.
 */
import { methods, constant, globalClass } from './install.js';
import { lazyGlobals } from './lazy.js';
import loadWeak from './weak.js?lazy';
import { makeIteratorPrototype, iterate, KEYS, VALUES, ENTRIES } from './iterators.js';

/** Stands in the key array for a deleted entry. */
var GONE = { gone: true };
var COMPACT_AT_LEAST = 16;

var hasOwn = Object.prototype.hasOwnProperty;
var lastObjectId = 0;

function Table() {
  this.keys = [];
  this.values = [];
  this.size = 0;
  this.first = 0;
  this.names = null;
  this.numbers = null;
  this.objects = null;
  /** Places of objects that have no number of their own (frozen ones, proxies): looked for one by one. */
  this.fixed = null;
  /** The table that took this one's place, and which places it left out (null: all, it was cleared). */
  this.next = null;
  this.left = null;
}

export function dictionary() {
  return Object.create(null);
}

/**
 * Gives an object a hidden property of its own. A proxy takes none: what is written to it lands in its target, so
 * there the old value is put back.
 * @returns {boolean} whether the object has the property now
 */
export function addOwn(object, key, value) {
  var before = object[key];
  if (!Object.isExtensible(object)) return false;
  object[key] = value;
  if (hasOwn.call(object, key)) return true;
  if (before === undefined) delete object[key];
  else object[key] = before;
  return false;
}

/** @returns {number} the object's own number, made if need be; 0 if it cannot take one */
function ownId(object) {
  if (hasOwn.call(object, '__H_id')) return object.__H_id;
  return addOwn(object, '__H_id', lastObjectId + 1) ? ++lastObjectId : 0;
}

function findObject(table, key) {
  var id = key.__H_id;
  var place;
  if (id !== undefined && table.objects !== null) {
    place = table.objects[id];
    if (place !== undefined && table.keys[place] === key) return place;
  }
  return table.fixed === null ? undefined : findFixed(table, key);
}

function findFixed(table, key) {
  var places = table.fixed;
  for (var i = 0; i < places.length; i++) {
    if (table.keys[places[i]] === key) return places[i];
  }
  return undefined;
}

/** @returns {number|undefined} the key's place */
function find(table, key) {
  switch (typeof key) {
    case 'string':
    case 'symbol':
      return table.names === null ? undefined : table.names[key];
    case 'number':
      return table.numbers === null ? undefined : table.numbers[key];
    case 'object':
    case 'function':
      if (key === null) return table.names === null ? undefined : table.names[NULL];
      return findObject(table, key);
    default:
      return table.names === null ? undefined : table.names[special(key)];
  }
}

var NULL = Symbol('null');
var UNDEFINED = Symbol('undefined');
var TRUE = Symbol('true');
var FALSE = Symbol('false');

function special(key) {
  if (key === undefined) return UNDEFINED;
  return key ? TRUE : FALSE;
}

function index(table, key, place) {
  var id;
  switch (typeof key) {
    case 'number':
      (table.numbers || (table.numbers = dictionary()))[key] = place;
      return;
    case 'object':
    case 'function':
      if (key !== null) {
        id = ownId(key);
        if (id === 0 || (table.objects !== null && table.objects[id] !== undefined)) {
          (table.fixed || (table.fixed = [])).push(place);
        } else {
          (table.objects || (table.objects = dictionary()))[id] = place;
        }
        return;
      }
      key = NULL;
      break;
    case 'string':
    case 'symbol':
      break;
    default:
      key = special(key);
  }
  (table.names || (table.names = dictionary()))[key] = place;
}

function unindex(table, key, place) {
  var id;
  switch (typeof key) {
    case 'number':
      delete table.numbers[key];
      return;
    case 'object':
    case 'function':
      if (key !== null) {
        id = key.__H_id;
        if (id !== undefined && table.objects !== null && table.objects[id] === place)
          delete table.objects[id];
        else table.fixed.splice(table.fixed.indexOf(place), 1);
        return;
      }
      key = NULL;
      break;
    case 'string':
    case 'symbol':
      break;
    default:
      key = special(key);
  }
  delete table.names[key];
}

function compacted(table) {
  var fresh = new Table();
  var left = [];
  var length = table.keys.length;
  for (var i = 0; i < length; i++) {
    if (table.keys[i] === GONE) left[left.length] = i;
    else put(fresh, table.keys[i], table.values[i]);
  }
  table.next = fresh;
  table.left = left;
  return fresh;
}

function put(table, key, value) {
  var place = table.keys.length;
  table.keys[place] = key;
  table.values[place] = value;
  table.size++;
  index(table, key, place);
}

/** Sets key to value; the values array of a Set holds nothing. */
function setIn(table, key, value) {
  var place = find(table, key);
  if (place !== undefined) table.values[place] = value;
  else put(table, key === 0 ? 0 : key, value);
}

/** @returns {Table|null} the table to go on with, null if the key was not there */
function deleteIn(table, key) {
  var place = find(table, key);
  var keys = table.keys;
  if (place === undefined) return null;
  unindex(table, key, place);
  keys[place] = GONE;
  table.values[place] = undefined;
  table.size--;
  if (place === table.first) {
    while (place < keys.length && keys[place] === GONE) place++;
    table.first = place;
  }
  if (keys.length > COMPACT_AT_LEAST && table.size < keys.length / 2) return compacted(table);
  return table;
}

function cleared(table) {
  table.next = new Table();
  table.left = null;
  return table.next;
}

/** A place in a table that stays right while entries come and go. */
function Walk(table) {
  this.table = table;
  this.at = table.first;
}

/** Moves to the next entry; its place is `at - 1` in `table`. */
function step(walk) {
  var table = walk.table;
  var keys, left, before;
  while (table.next !== null) {
    left = table.left;
    if (left === null) {
      walk.at = 0;
    } else {
      for (before = 0; before < left.length && left[before] < walk.at; ) before++;
      walk.at -= before;
    }
    table = walk.table = table.next;
  }
  keys = table.keys;
  while (walk.at < keys.length) {
    if (keys[walk.at++] !== GONE) return true;
  }
  return false;
}

function tableOf(collection, Class, method) {
  if (!(collection instanceof Class) || collection.__H_box === undefined) {
    throw new TypeError(
      'Method ' +
        Class.name +
        '.prototype.' +
        method +
        ' called on incompatible receiver ' +
        receiver(collection),
    );
  }
  return collection.__H_box.table;
}

export function receiver(value) {
  if (value !== null && (typeof value === 'object' || typeof value === 'function')) {
    return typeof value === 'function'
      ? String(value)
      : Array.isArray(value)
        ? String(value)
        : '#<' + ((value.constructor && value.constructor.name) || 'Object') + '>';
  }
  return String(value);
}

function iteratorClass(tag) {
  function Iterator(table, kind) {
    this.__H_walk = new Walk(table);
    this.__H_kind = kind;
  }
  Iterator.prototype = makeIteratorPrototype(
    tag,
    {
      next() {
        var walk = this.__H_walk;
        var key;
        if (walk === null || !step(walk)) {
          this.__H_walk = null;
          return { value: undefined, done: true };
        }
        key = walk.table.keys[walk.at - 1];
        if (this.__H_kind === KEYS) return { value: key, done: false };
        if (this.__H_kind === VALUES) return { value: walk.table.values[walk.at - 1], done: false };
        return {
          value: [key, tag === 'Set Iterator' ? key : walk.table.values[walk.at - 1]],
          done: false,
        };
      },
    }.next,
  );
  return Iterator;
}

var MapIterator = iteratorClass('Map Iterator');
var SetIterator = iteratorClass('Set Iterator');

export function requireNew(object, Class) {
  if (!(object instanceof Class))
    throw new TypeError('Constructor ' + Class.name + " requires 'new'");
}

function requireEntry(entry) {
  if (entry === null || (typeof entry !== 'object' && typeof entry !== 'function')) {
    throw new TypeError('Iterator value ' + String(entry) + ' is not an entry object');
  }
}

/** Fills a new collection from what its constructor was given, by way of its (maybe overridden) adder. */
export function fill(collection, iterable, adder, isEntries) {
  var add;
  if (iterable === undefined || iterable === null) return;
  add = collection[adder];
  if (typeof add !== 'function')
    throw new TypeError(
      "'" +
        String(add) +
        "' returned for property '" +
        adder +
        "' of object '" +
        receiver(collection) +
        "' is not a function",
    );
  iterate(
    iterable,
    {
      step(item) {
        if (!isEntries) {
          add.call(collection, item);
        } else {
          requireEntry(item);
          add.call(collection, item[0], item[1]);
        }
      },
    }.step,
  );
}

/** The global Map. */
export function Map(iterable) {
  requireNew(this, Map);
  // The table is replaced on compaction, also in a frozen map: hence the box.
  this.__H_box = { table: new Table() };
  fill(this, iterable, 'set', true);
  return this;
}

var mapMethods = {
  get(key) {
    var table = tableOf(this, Map, 'get');
    var place = find(table, key);
    return place === undefined ? undefined : table.values[place];
  },
  set(key, value) {
    setIn(tableOf(this, Map, 'set'), key, value);
    return this;
  },
  has(key) {
    return find(tableOf(this, Map, 'has'), key) !== undefined;
  },
  delete(key) {
    var table = deleteIn(tableOf(this, Map, 'delete'), key);
    if (table !== null) this.__H_box.table = table;
    return table !== null;
  },
  clear() {
    this.__H_box.table = cleared(tableOf(this, Map, 'clear'));
  },
  entries() {
    return new MapIterator(tableOf(this, Map, 'entries'), ENTRIES);
  },
  forEach(callback, thisArgument) {
    var walk = new Walk(tableOf(this, Map, 'forEach'));
    requireFunction(callback);
    while (step(walk)) {
      callback.call(
        thisArgument,
        walk.table.values[walk.at - 1],
        walk.table.keys[walk.at - 1],
        this,
      );
    }
  },
  keys() {
    return new MapIterator(tableOf(this, Map, 'keys'), KEYS);
  },
  get size() {
    return tableOf(this, Map, 'size').size;
  },
  values() {
    return new MapIterator(tableOf(this, Map, 'values'), VALUES);
  },
};

function requireFunction(callback) {
  if (typeof callback !== 'function')
    throw new TypeError(receiver(callback) + ' is not a function');
}

/** The global Set. */
export function Set(iterable) {
  requireNew(this, Set);
  this.__H_box = { table: new Table() };
  fill(this, iterable, 'add', false);
  return this;
}

var setMethods = {
  has(value) {
    return find(tableOf(this, Set, 'has'), value) !== undefined;
  },
  add(value) {
    setIn(tableOf(this, Set, 'add'), value, undefined);
    return this;
  },
  delete(value) {
    var table = deleteIn(tableOf(this, Set, 'delete'), value);
    if (table !== null) this.__H_box.table = table;
    return table !== null;
  },
  clear() {
    this.__H_box.table = cleared(tableOf(this, Set, 'clear'));
  },
  entries() {
    return new SetIterator(tableOf(this, Set, 'entries'), ENTRIES);
  },
  forEach(callback, thisArgument) {
    var walk = new Walk(tableOf(this, Set, 'forEach'));
    var value;
    requireFunction(callback);
    while (step(walk)) {
      value = walk.table.keys[walk.at - 1];
      callback.call(thisArgument, value, value, this);
    }
  },
  get size() {
    return tableOf(this, Set, 'size').size;
  },
  values() {
    return new SetIterator(tableOf(this, Set, 'values'), KEYS);
  },
};

/** @param {object} global */
export function installCollections(global) {
  globalClass(global, 'Map', Map, 0);
  globalClass(global, 'Set', Set, 0);
  methods(Map.prototype, mapMethods, { forEach: 1 });
  methods(Set.prototype, setMethods, { forEach: 1 });
  methods(Set.prototype, { keys: setMethods.values });
  Object.defineProperty(
    Map.prototype,
    Symbol.iterator,
    Object.getOwnPropertyDescriptor(Map.prototype, 'entries'),
  );
  Object.defineProperty(
    Set.prototype,
    Symbol.iterator,
    Object.getOwnPropertyDescriptor(Set.prototype, 'values'),
  );
  constant(Map.prototype, Symbol.toStringTag, 'Map');
  constant(Set.prototype, Symbol.toStringTag, 'Set');
  lazyGlobals(
    global,
    ['WeakMap', 'WeakSet', 'WeakRef', 'FinalizationRegistry'],
    {
      install() {
        loadWeak().installWeak(global);
      },
    }.install,
  );
}
