/** Reflect: get and set with a receiver, construct with a new target. */
import { methods, constant } from './install.js';

var native = { get: Reflect.get, set: Reflect.set, construct: Reflect.construct };

function isObject(value) {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

function findDescriptor(target, key) {
  var descriptor;
  for (var at = target; at !== null; at = Object.getPrototypeOf(at)) {
    descriptor = Object.getOwnPropertyDescriptor(at, key);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

function setOn(receiver, key, value) {
  var existing;
  if (!isObject(receiver)) return false;
  existing = Object.getOwnPropertyDescriptor(receiver, key);
  if (existing === undefined) {
    return Reflect.defineProperty(receiver, key, {
      value: value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  if ('get' in existing || 'set' in existing || !existing.writable) return false;
  return Reflect.defineProperty(receiver, key, { value: value });
}

var repaired = {
  get(target, key, receiver) {
    var descriptor;
    if (arguments.length < 3 || receiver === target) return native.get(target, key);
    if (!isObject(target)) throw new TypeError('Reflect.get called on non-object');
    descriptor = findDescriptor(target, key);
    if (descriptor === undefined) return undefined;
    if ('value' in descriptor) return descriptor.value;
    return descriptor.get === undefined ? undefined : descriptor.get.call(receiver);
  },
  set(target, key, value, receiver) {
    var descriptor;
    if (arguments.length < 4 || receiver === target) return native.set(target, key, value);
    if (!isObject(target)) throw new TypeError('Reflect.set called on non-object');
    descriptor = findDescriptor(target, key);
    if (descriptor !== undefined && !('value' in descriptor)) {
      if (descriptor.set === undefined) return false;
      descriptor.set.call(receiver, value);
      return true;
    }
    if (descriptor !== undefined && !descriptor.writable) return false;
    return setOn(receiver, key, value);
  },
  construct(target, list, newTarget) {
    var made, constructor;
    if (arguments.length < 3 || newTarget === target) return native.construct(target, list);
    if (typeof newTarget !== 'function')
      throw new TypeError(String(newTarget) + ' is not a constructor');
    made = Object.create(isObject(newTarget.prototype) ? newTarget.prototype : Object.prototype);
    constructor = Function.prototype.apply.call(target, made, list);
    if (!isObject(constructor)) return made;
    if (constructor !== made) Object.setPrototypeOf(constructor, Object.getPrototypeOf(made));
    return constructor;
  },
};

export function installReflect() {
  methods(Reflect, repaired, { get: 2, set: 3, construct: 2 });
  constant(Reflect, Symbol.toStringTag, 'Reflect');
}
