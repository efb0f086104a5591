/** Object: what the engine lacks of ES2022. */
import { methods } from './install.js';
import { iterate } from './iterators.js';
import { naming } from './array.js';

var hasOwn = Object.prototype.hasOwnProperty;
var isEnumerable = Object.prototype.propertyIsEnumerable;

function listOf(object, entry) {
  var keys = Object.keys(object);
  var list = [];
  var source = Object(object);
  for (var i = 0; i < keys.length; i++) {
    // A getter read before may have removed the key.
    if (isEnumerable.call(source, keys[i])) {
      list[list.length] = entry ? [keys[i], source[keys[i]]] : source[keys[i]];
    }
  }
  return list;
}

/** Copies symbols too, which the engine's own assign leaves out. */
function copyInto(target, source) {
  var keys = Reflect.ownKeys(Object(source));
  for (var i = 0; i < keys.length; i++) {
    if (isEnumerable.call(source, keys[i])) target[keys[i]] = source[keys[i]];
  }
}

var statics = {
  assign(target) {
    var to;
    if (target === null || target === undefined) {
      throw new TypeError('Cannot convert undefined or null to object');
    }
    to = Object(target);
    for (var i = 1; i < arguments.length; i++) {
      if (arguments[i] !== null && arguments[i] !== undefined) copyInto(to, arguments[i]);
    }
    return to;
  },
  entries(object) {
    return listOf(object, true);
  },
  values(object) {
    return listOf(object, false);
  },
  fromEntries(entries) {
    var object = {};
    iterate(
      entries,
      {
        step(entry) {
          if (entry === null || (typeof entry !== 'object' && typeof entry !== 'function')) {
            throw new TypeError('Iterator value ' + naming(entry) + ' is not an entry object');
          }
          Object.defineProperty(object, entry[0], {
            value: entry[1],
            writable: true,
            enumerable: true,
            configurable: true,
          });
        },
      }.step,
    );
    return object;
  },
  hasOwn(object, key) {
    if (object === null || object === undefined)
      throw new TypeError('Cannot convert undefined or null to object');
    return hasOwn.call(object, key);
  },
  getOwnPropertyDescriptors(object) {
    var source = Object(object);
    var keys = Object.getOwnPropertyNames(source).concat(Object.getOwnPropertySymbols(source));
    var all = {};
    for (var i = 0; i < keys.length; i++)
      all[keys[i]] = Object.getOwnPropertyDescriptor(source, keys[i]);
    return all;
  },
};

function lookup(object, key, part) {
  var descriptor;
  for (var at = Object(object); at !== null; at = Object.getPrototypeOf(at)) {
    descriptor = Object.getOwnPropertyDescriptor(at, key);
    if (descriptor !== undefined) return descriptor[part];
  }
  return undefined;
}

export function installObject() {
  methods(Object, statics, { assign: 2 });
  methods(Object.prototype, {
    __lookupGetter__(key) {
      return lookup(this, key, 'get');
    },
    __lookupSetter__(key) {
      return lookup(this, key, 'set');
    },
  });
}
