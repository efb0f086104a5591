/**
 * Array methods that make a new array make one of the receiver's own class. Few scripts subclass Array, so the engine's
 * methods are only replaced once one does.
 */
import { hide } from '../install.js';

var METHODS = ['map', 'filter', 'slice', 'splice', 'concat', 'flat', 'flatMap'];
var isInstalled = false;

function speciesOf(receiver) {
  var constructor = receiver.constructor;
  if (constructor === Array || constructor === undefined) return undefined;
  if (
    constructor !== null &&
    (typeof constructor === 'object' || typeof constructor === 'function')
  ) {
    var species = constructor[Symbol.species];
    if (species !== undefined) constructor = species;
  }
  return constructor === null || constructor === Array ? undefined : constructor;
}

function convert(receiver, made, length) {
  var constructor = Array.isArray(receiver) ? speciesOf(receiver) : undefined;
  var target;
  if (constructor === undefined) return made;
  target = new constructor(length);
  for (var i = 0; i < made.length; i++) if (i in made) target[i] = made[i];
  if (target.length !== made.length) target.length = made.length;
  return target;
}

function wrap(name) {
  var native = Array.prototype[name];
  var hasLength = name === 'map' || name === 'splice' || name === 'slice';
  var wrapped = {
    method() {
      var made = native.apply(this, arguments);
      return convert(this, made, hasLength ? made.length : 0);
    },
  }.method;
  Object.defineProperty(wrapped, 'name', { value: name, configurable: true });
  Object.defineProperty(wrapped, 'length', { value: native.length, configurable: true });
  hide(Array.prototype, name, wrapped);
}

export function speciesForArrays() {
  if (isInstalled) return;
  isInstalled = true;
  if (Array[Symbol.species] === undefined) {
    Object.defineProperty(Array, Symbol.species, {
      get: function () {
        return this;
      },
      configurable: true,
    });
  }
  METHODS.forEach(wrap);
}
