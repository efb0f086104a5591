/**
 * Parts of the prelude that few scripts use stay what takes least memory, text, until they are first used.
 *
 * `import load from './some.js?lazy'` gives a function that returns the exports of some.js. The build script makes
 * the text: it holds some.js and what only lazy modules import; what the prelude has anyway is handed in. So a lazy
 * module may import functions and constants of others, but no variable that changes later.
 */

/** Lines before a lazy text, so that stack mapping knows its frames from those of a script's own eval. */
export var LAZY_LINES = 30000;

var evaluate = eval;

/**
 * @param {string} text a function expression that takes `shared` and returns the exports
 * @param {function(): object} shared gives what the text uses of the rest of the prelude
 * @returns {function(): object}
 */
export function lazy(text, shared) {
  var exports = null;
  return {
    load() {
      if (exports === null) exports = evaluate('\n'.repeat(LAZY_LINES) + text)(shared());
      return exports;
    },
  }.load;
}

/**
 * A method that exists at once and is loaded when first called.
 * @param {function(): object} load gives the functions
 * @param {string} name which of them
 */
function stub(load, name) {
  return {
    method() {
      return load()[name].apply(this, arguments);
    },
  }.method;
}

/**
 * @param {object} target gets the methods, not enumerable
 * @param {function(): object} load
 * @param {Object<string, number>} lengths the methods' names and their `length`
 */
export function lazyMethods(target, load, lengths) {
  for (var name in lengths) {
    var method = stub(load, name);
    Object.defineProperty(method, 'name', { value: name, configurable: true });
    Object.defineProperty(method, 'length', { value: lengths[name], configurable: true });
    Object.defineProperty(target, name, {
      value: method,
      writable: true,
      enumerable: false,
      configurable: true,
    });
  }
}

/**
 * Globals that a module installs once one of them is looked at. Assigning one replaces it, as it does any global.
 * @param {object} global
 * @param {string[]} names
 * @param {function()} install must define all of them
 */
export function lazyGlobals(global, names, install) {
  names.forEach(function (name) {
    var accessor = {
      get value() {
        install();
        return global[name];
      },
      set value(value) {
        install();
        global[name] = value;
      },
    };
    var descriptor = Object.getOwnPropertyDescriptor(accessor, 'value');
    descriptor.enumerable = false;
    Object.defineProperty(global, name, descriptor);
  });
}
