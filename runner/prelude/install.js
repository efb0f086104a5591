/**
 * How members get onto the objects of the language: never enumerable, as the standard has it.
 *
 * Two habits of the whole prelude, both for the sake of memory, which every worker pays:
 * - Methods are written in shorthand (`{ at(index) {} }`): such functions cannot be constructed, so the engine gives
 *   them no prototype object.
 * - What the standard calls an internal slot is a property whose name begins with `__H_`. The bytecode tool turns
 *   these names into hidden symbols that no script can name, list, copy or forge.
 */

var define = Object.defineProperty;
var describe = Object.getOwnPropertyDescriptor;
var ownNames = Object.getOwnPropertyNames;
var hasOwn = Object.prototype.hasOwnProperty;

/**
 * Copies methods and accessors of `table` to `target`, not enumerable.
 * @param {object} target
 * @param {object} table
 * @param {Object<string, number>} [lengths] the `length` of methods that take optional arguments
 */
export function methods(target, table, lengths) {
  var names = ownNames(table);
  var descriptor;
  for (var i = 0; i < names.length; i++) {
    descriptor = describe(table, names[i]);
    descriptor.enumerable = false;
    // The engine gives no name to a method whose name had to be quoted for it.
    if (descriptor.value && descriptor.value.name === '') {
      define(descriptor.value, 'name', { value: names[i], configurable: true });
    }
    if (lengths && hasOwn.call(lengths, names[i])) {
      define(descriptor.value, 'length', { value: lengths[names[i]], configurable: true });
    }
    define(target, names[i], descriptor);
  }
}

/** Sets a property as a method would be: writable, configurable, not enumerable. */
export function hide(target, key, value) {
  define(target, key, { value: value, writable: true, enumerable: false, configurable: true });
}

/** Sets a method under a symbol, with the name the standard gives it. */
export function symbolMethod(target, symbol, name, method) {
  define(method, 'name', { value: name, configurable: true });
  hide(target, symbol, method);
}

/** Sets a property that only defineProperty can change: a prototype's tag, a constructor's name. */
export function constant(target, key, value) {
  define(target, key, { value: value, writable: false, enumerable: false, configurable: true });
}

/** Makes `constructor` a global class: its prototype is fixed and not enumerable, its name and length are right. */
export function globalClass(global, name, constructor, length) {
  constant(constructor, 'name', name);
  if (length !== undefined) constant(constructor, 'length', length);
  define(constructor, 'prototype', { writable: false, enumerable: false, configurable: false });
  hide(constructor.prototype, 'constructor', constructor);
  hide(global, name, constructor);
}
