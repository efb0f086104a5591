/** Classes as generated code builds them: see runner/compiler/transform/classes.js for the form. */
import { speciesForArrays } from './species.js';

var define = Object.defineProperty;
var describe = Object.getOwnPropertyDescriptor;
var isPrototypeOf = Object.prototype.isPrototypeOf;
var getPrototypeOf = Object.getPrototypeOf;
var setPrototypeOf = Object.setPrototypeOf;

/** Constructors of the engine that make their own kind of object and do not initialise one that they are given. */
var ENGINE_CLASSES = [
  Array,
  Function,
  RegExp,
  Boolean,
  Number,
  String,
  ArrayBuffer,
  DataView,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
];

export function addEngineClass(constructor) {
  ENGINE_CLASSES.push(constructor);
}

function isObject(value) {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

function shown(value) {
  if (isObject(value) && typeof value !== 'function')
    return '#<' + ((value.constructor && value.constructor.name) || 'Object') + '>';
  return typeof value === 'string' ? value : String(value);
}

function hideAll(object) {
  var keys = Reflect.ownKeys(object);
  for (var i = 0; i < keys.length; i++) {
    define(object, keys[i], { enumerable: false });
    nameMethod(describe(object, keys[i]).value, keys[i]);
  }
}

/** The engine gives no name to a method whose name is a number or quoted. */
function nameMethod(method, key) {
  if (typeof method === 'function' && typeof key === 'string' && method.name === '' && key !== '')
    define(method, 'name', { value: key, configurable: true });
}

function addStatics(constructor, statics) {
  var keys = Reflect.ownKeys(statics);
  for (var i = 0; i < keys.length; i++) {
    var descriptor = describe(statics, keys[i]);
    descriptor.enumerable = false;
    nameMethod(descriptor.value, keys[i]);
    define(constructor, keys[i], descriptor);
  }
}

/** A class without `extends`; `members` becomes its prototype. */
function makeClass(constructor, members, statics, name) {
  hideAll(members);
  constructor.prototype = members;
  define(constructor, 'prototype', { writable: false });
  if (name !== undefined) define(constructor, 'name', { value: name, configurable: true });
  if (statics !== undefined) addStatics(constructor, statics);
}

/** @returns {Function} what is called on `this` in the place of super(…) */
function makeSubclass(constructor, members, statics, name, parent) {
  var parentPrototype = null;
  if (parent !== null) {
    if (
      typeof parent !== 'function' ||
      (parent.prototype === undefined && !isObject(parent.prototype))
    ) {
      throw new TypeError('Class extends value ' + shown(parent) + ' is not a constructor or null');
    }
    parentPrototype = parent.prototype;
    if (parentPrototype !== null && !isObject(parentPrototype)) {
      throw new TypeError(
        'Class extends value does not have valid prototype property ' + shown(parentPrototype),
      );
    }
    setPrototypeOf(constructor, parent);
  }
  setPrototypeOf(members, parentPrototype);
  makeClass(constructor, members, statics, name);
  if (parent === Array) speciesForArrays();
  return baseOf(parent, constructor);
}

function baseOf(parent, constructor) {
  if (parent === null) {
    return function () {
      throw new TypeError(
        'Super constructor null of anonymous class ' + constructor.name + ' is not a constructor',
      );
    };
  }
  if (parent === Object) {
    return function () {
      return this;
    };
  }
  if (ENGINE_CLASSES.indexOf(parent) < 0) return parent;
  return function () {
    return setPrototypeOf(Reflect.construct(parent, arguments), getPrototypeOf(this));
  };
}

function noNew(name) {
  throw new TypeError('Class constructor ' + name + " cannot be invoked without 'new'");
}

/** `instanceof` as it is without a class's own Symbol.hasInstance. */
function isInstance(value, constructor) {
  return isObject(value) && isPrototypeOf.call(constructor.prototype, value);
}

function once(present) {
  if (present !== undefined) throw new ReferenceError('Super constructor may only be called once');
}

function initialized(self) {
  if (self === undefined) {
    throw new ReferenceError(
      "Must call super constructor in derived class before accessing 'this' or returning from derived constructor",
    );
  }
  return self;
}

/** What `return value` means in the constructor of a derived class. */
function constructed(value, self) {
  if (isObject(value)) return value;
  if (value !== undefined)
    throw new TypeError('Derived constructors may only return object or undefined');
  return initialized(self);
}

function findProperty(home, key) {
  for (var at = getPrototypeOf(home); at !== null; at = getPrototypeOf(at)) {
    var descriptor = describe(at, key);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

function superGet(home, key, self) {
  var found = findProperty(home, key);
  if (found === undefined) return undefined;
  if (found.get !== undefined) return found.get.call(self);
  return found.value;
}

function SuperReference(home, key, self) {
  this.home = home;
  this.key = key;
  this.self = self;
}
define(SuperReference.prototype, 'value', {
  get: function () {
    return superGet(this.home, this.key, this.self);
  },
  set: function (value) {
    var found = findProperty(this.home, this.key);
    if (found !== undefined && found.set !== undefined) found.set.call(this.self, value);
    else this.self[this.key] = value;
  },
});

/** A public field; only where something of that name is there already does assigning differ from defining. */
function defineField(object, key, value) {
  if (key in object) {
    define(object, key, { value: value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

function setFunctionName(f, name, prefix) {
  var text =
    typeof name === 'symbol' ? (name.description ? '[' + name.description + ']' : '') : name;
  return define(f, 'name', { configurable: true, value: prefix ? prefix + ' ' + text : text });
}

function propKey(value) {
  return typeof value === 'symbol' ? value : String(value);
}

export function installClasses(env) {
  var helpers = {
    __class: makeClass,
    __subclass: makeSubclass,
    __noNew: noNew,
    __isInstance: isInstance,
    __field: defineField,
    __once: once,
    __initialized: initialized,
    __constructed: constructed,
    __superGet: superGet,
    __superReference: function (home, key, self) {
      return new SuperReference(home, key, self);
    },
    __setFunctionName: setFunctionName,
    __propKey: propKey,
  };
  Object.keys(helpers).forEach(function (name) {
    env.hide(env.global, name, helpers[name]);
  });
}
