/**
 * Private names of classes. An object keeps the values of all its private names in one hidden record, under the names'
 * numbers; a private method or accessor only notes there that the object has it. Where the compiler's passes speak of
 * a WeakMap or WeakSet per name, generated code calls `__private()`.
 */
var hasOwn = Object.prototype.hasOwnProperty;
var lastId = 0;

function Private() {
  this.id = 'p' + ++lastId;
  /** Objects that take no more properties, with their values. */
  this.fixed = undefined;
}

/** Gives an object this name, in its constructor. */
Private.prototype.set = function (object, value) {
  if (!hasOwn.call(object, '__H_private')) {
    if (!Object.isExtensible(object)) {
      if (this.fixed === undefined) this.fixed = new Map();
      this.fixed.set(object, value);
      return;
    }
    object.__H_private = Object.create(null);
  } else if (this.id in object.__H_private) {
    throw new TypeError('Cannot initialize a private name twice on the same object');
  }
  object.__H_private[this.id] = value;
};

Private.prototype.add = function (object) {
  this.set(object, true);
};

Private.prototype.has = function (object) {
  var record = object.__H_private;
  // What an heir shows of its prototype is not its own.
  if (record !== undefined && this.id in record) return hasOwn.call(object, '__H_private');
  return this.fixed !== undefined && this.fixed.has(object);
};

function isObject(value) {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

/** Whether the receiver has the name: `state` is the name, or for static ones the class itself. */
function hasName(receiver, state, accessor) {
  if (typeof state === 'function') return receiver === state && accessor !== undefined;
  return isObject(receiver) && state.has(receiver);
}

function failRead() {
  throw new TypeError('Cannot read private member from an object whose class did not declare it');
}

function failWrite() {
  throw new TypeError('Cannot write private member to an object whose class did not declare it');
}

function readField(receiver, state) {
  var record = isObject(receiver) ? receiver.__H_private : undefined;
  var value = record === undefined ? undefined : record[state.id];
  if (value === undefined && !hasName(receiver, state)) failRead();
  if (value === undefined && state.fixed !== undefined) return state.fixed.get(receiver);
  return value;
}

function get(receiver, state, kind, accessor) {
  if (kind === 'f' && accessor === undefined) return readField(receiver, state);
  if (kind === 'a' && !accessor)
    throw new TypeError('Private accessor was defined without a getter');
  if (!hasName(receiver, state, accessor)) failRead();
  if (kind === 'm') return accessor;
  return kind === 'a' ? accessor.call(receiver) : accessor.value;
}

function set(receiver, state, value, kind, accessor) {
  if (kind === 'm') throw new TypeError('Private method is not writable');
  if (kind === 'a' && !accessor)
    throw new TypeError('Private accessor was defined without a setter');
  if (!hasName(receiver, state, accessor)) failWrite();
  if (kind === 'a') accessor.call(receiver, value);
  else if (accessor) accessor.value = value;
  else if (state.fixed !== undefined && state.fixed.has(receiver)) state.fixed.set(receiver, value);
  else receiver.__H_private[state.id] = value;
  return value;
}

function isIn(state, receiver) {
  if (!isObject(receiver)) {
    throw new TypeError(
      "Cannot use 'in' operator to search for a private field in " + String(receiver),
    );
  }
  return typeof state === 'function' ? receiver === state : state.has(receiver);
}

export function installPrivateNames(env) {
  env.hide(env.global, '__private', function () {
    return new Private();
  });
  env.hide(env.global, '__classPrivateFieldGet', get);
  env.hide(env.global, '__classPrivateFieldSet', set);
  env.hide(env.global, '__classPrivateFieldIn', isIn);
}
