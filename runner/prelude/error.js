/**
 * Errors: constructors that can be subclassed and take `cause`, AggregateError, DOMException, and `stack` in the
 * shape that V8's users know. The engine gives every object that inherits from Error.prototype its trace when `new`
 * returns, so a subclass needs nothing of its own.
 */
import { methods, hide, constant, globalClass } from './install.js';
import { iterate } from './iterators.js';
import { mapStack } from './stack.js';

var errorPrototype = Error.prototype;
var nativeStack = Object.getOwnPropertyDescriptor(errorPrototype, 'stack');
var stackOf = nativeStack.get;

function initialise(error, message, options) {
  if (message !== undefined) hide(error, 'message', String(message));
  if (options !== null && typeof options === 'object' && 'cause' in options)
    hide(error, 'cause', options.cause);
  return error;
}

/** The engine's own constructor makes the object: only such objects carry a trace and are tagged as errors. */
var NativeError = Error;

function makeError(prototype, message, options) {
  var error = new NativeError();
  if (prototype !== errorPrototype) Object.setPrototypeOf(error, prototype);
  return initialise(error, message, options);
}

/** A constructor that works with `new`, without it, and as `_super.call(this, …)` of generated code. */
function makeConstructor(prototype) {
  function Constructor(message, options) {
    var isMade = this instanceof Constructor;
    return makeError(isMade ? Object.getPrototypeOf(this) : prototype, message, options);
  }
  Constructor.prototype = prototype;
  return Constructor;
}

/** Classes by name: the language's own, and those that are made when an error of that name is first needed. */
var named = Object.create(null);

function replace(global, name, parent) {
  var native = global[name];
  var Constructor = makeConstructor(native.prototype);
  globalClass(global, name, Constructor, 1);
  if (parent) Object.setPrototypeOf(Constructor, parent);
  named[name] = Constructor;
  return Constructor;
}

/** The global AggregateError. */
export function AggregateError(errors, message, options) {
  var list = [];
  var isMade = this instanceof AggregateError;
  var made = makeError(
    isMade ? Object.getPrototypeOf(this) : AggregateError.prototype,
    message,
    options,
  );
  iterate(
    errors,
    {
      step(error) {
        list.push(error);
      },
    }.step,
  );
  hide(made, 'errors', list);
  return made;
}

var DOM_CODES = {
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  InvalidCharacterError: 5,
  NotFoundError: 8,
  NotSupportedError: 9,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  DataCloneError: 25,
};

/** The global DOMException. */
export function DOMException(message, name) {
  var made;
  if (!(this instanceof DOMException)) {
    throw new TypeError("Class constructor DOMException cannot be invoked without 'new'");
  }
  made = makeError(Object.getPrototypeOf(this), message === undefined ? '' : message, name);
  if (name !== null && typeof name === 'object') name = name.name;
  hide(made, 'name', name === undefined ? 'Error' : String(name));
  return made;
}

function subclass(Constructor, Parent, name) {
  Constructor.prototype = Object.create(Parent.prototype);
  hide(Constructor.prototype, 'name', name);
  hide(Constructor.prototype, 'message', '');
  Object.setPrototypeOf(Constructor, Parent);
}

var stackAccessor = {
  get stack() {
    if (this === null || typeof this !== 'object' || !(this instanceof Error)) return undefined;
    return mapStack(this, String(stackOf.call(this)));
  },
};

/** @param {object} global */
export function installErrors(global) {
  var kinds = ['EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'];
  var base = replace(global, 'Error', null);
  for (var i = 0; i < kinds.length; i++) replace(global, kinds[i], base);
  Object.defineProperty(errorPrototype, 'stack', {
    get: Object.getOwnPropertyDescriptor(stackAccessor, 'stack').get,
    set: nativeStack.set,
    enumerable: false,
    configurable: true,
  });
  delete errorPrototype.fileName;
  delete errorPrototype.lineNumber;
  methods(base, {
    captureStackTrace(target) {
      var trace = new Error().stack;
      if (typeof target === 'object' && target !== null && !(target instanceof Error))
        hide(target, 'stack', trace);
    },
  });
  subclass(AggregateError, base, 'AggregateError');
  globalClass(global, 'AggregateError', AggregateError, 2);
  subclass(DOMException, base, 'Error');
  methods(DOMException.prototype, {
    get code() {
      return DOM_CODES[this.name] || 0;
    },
  });
  globalClass(global, 'DOMException', DOMException, 0);
  constant(DOMException.prototype, Symbol.toStringTag, 'DOMException');
}

/**
 * An error of the class of that name, as answers from the supervisor bring them.
 * @param {string} name
 * @param {string} message
 */
export function namedError(name, message) {
  return new (namedErrorClass(name))(message);
}

/** @returns {Function} the one class of that name: the language's own, or a subclass of Error (`Deno.errors`) */
export function namedErrorClass(name) {
  var existing = named[name];
  if (existing) return existing;
  existing = makeConstructor(Object.create(errorPrototype));
  constant(existing, 'name', name);
  hide(existing.prototype, 'name', name);
  hide(existing.prototype, 'constructor', existing);
  Object.setPrototypeOf(existing, Error);
  named[name] = existing;
  return existing;
}
