/**
 * The parts of the script's world that are not built yet: each exists under its name and, when used, throws a
 * NotSupported error that names it.
 */
import { hide } from './install.js';
import { NativeProxy } from './natives.js';
import { namedError } from './error.js';

var CLASSES = [
  'EventSource',
  'BroadcastChannel',
  'MessageChannel',
  'Worker',
  'WritableStream',
  'TransformStream',
  'TextDecoderStream',
  'TextEncoderStream',
  'CompressionStream',
  'DecompressionStream',
];
var NAMESPACES = ['Intl'];

/** @returns {Error} the error for using `path` */
export function notSupported(path) {
  return namedError('NotSupported', path + ' is not supported by this version of amid');
}

function pathOf(target) {
  return target.path;
}

/** Members of an absent thing are absent things. Symbols and `then` are asked for by the language itself. */
var handler = {
  get(target, key) {
    if (typeof key === 'symbol' || key === 'then' || key === 'toJSON' || key === 'prototype')
      return undefined;
    if (key === 'path') return undefined;
    return absent(pathOf(target) + '.' + String(key));
  },
  set(target, key) {
    throw notSupported(pathOf(target) + '.' + String(key));
  },
};

/**
 * A thing that may be looked at (`typeof`, `in`), but not used.
 * @param {string} path how scripts write it
 */
export function absent(path) {
  function thing() {
    throw notSupported(path);
  }
  thing.path = path;
  return new NativeProxy(thing, handler);
}

/** @param {object} global */
export function installAbsent(global) {
  var names = CLASSES.concat(NAMESPACES);
  for (var i = 0; i < names.length; i++) {
    if (!(names[i] in global)) lazily(global, names[i]);
  }
}

/** The thing is made when first looked at; assigning replaces it. */
function lazily(global, name) {
  Object.defineProperty(global, name, {
    get: function () {
      var thing = absent(name);
      hide(global, name, thing);
      return thing;
    },
    set: function (value) {
      hide(global, name, value);
    },
    enumerable: false,
    configurable: true,
  });
}
