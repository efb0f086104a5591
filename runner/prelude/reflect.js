/** Reflect and Proxy: get and set with a receiver, construct with a new target, keys as text, revocable proxies. */
import { methods, globalClass } from './install.js';
import { NativeProxy, nativeReflect } from './natives.js';

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

export function get(target, key, receiver) {
  var descriptor;
  if (arguments.length < 3 || receiver === target) return nativeReflect.get(target, key);
  if (!isObject(target)) throw new TypeError('Reflect.get called on non-object');
  descriptor = findDescriptor(target, key);
  if (descriptor === undefined) return undefined;
  if ('value' in descriptor) return descriptor.value;
  return descriptor.get === undefined ? undefined : descriptor.get.call(receiver);
}

export function set(target, key, value, receiver) {
  var descriptor;
  if (arguments.length < 4 || receiver === target) return nativeReflect.set(target, key, value);
  if (!isObject(target)) throw new TypeError('Reflect.set called on non-object');
  descriptor = findDescriptor(target, key);
  if (descriptor !== undefined && !('value' in descriptor)) {
    if (descriptor.set === undefined) return false;
    descriptor.set.call(receiver, value);
    return true;
  }
  if (descriptor !== undefined && !descriptor.writable) return false;
  return setOn(receiver, key, value);
}

export function construct(target, list, newTarget) {
  var made, constructor;
  if (arguments.length < 3 || newTarget === target) return nativeReflect.construct(target, list);
  if (typeof newTarget !== 'function')
    throw new TypeError(String(newTarget) + ' is not a constructor');
  made = Object.create(isObject(newTarget.prototype) ? newTarget.prototype : Object.prototype);
  constructor = Function.prototype.apply.call(target, made, list);
  if (!isObject(constructor)) return made;
  if (constructor !== made) Object.setPrototypeOf(constructor, Object.getPrototypeOf(made));
  return constructor;
}

/** The engine hands array indices to traps as numbers. */
function keyText(key) {
  return typeof key === 'number' ? String(key) : key;
}

var traps = {
  get(target, key, receiver) {
    return this.__H_handler.get(target, keyText(key), receiver);
  },
  set(target, key, value, receiver) {
    return this.__H_handler.set(target, keyText(key), value, receiver);
  },
  has(target, key) {
    return this.__H_handler.has(target, keyText(key));
  },
  deleteProperty(target, key) {
    return this.__H_handler.deleteProperty(target, keyText(key));
  },
};

/** The global Proxy. The engine gets a handler that inherits from the script's. */
function AmidProxy(target, handler) {
  var inner;
  if (!(this instanceof AmidProxy)) throw new TypeError("Constructor Proxy requires 'new'");
  if (!isObject(target) || !isObject(handler)) {
    throw new TypeError('Cannot create proxy with a non-object as target or handler');
  }
  inner = Object.create(handler);
  inner.__H_handler = handler;
  for (var name in traps) if (handler[name] !== undefined) inner[name] = traps[name];
  return new NativeProxy(target, inner);
}

function refuse() {
  throw new TypeError('Cannot perform an operation on a proxy that has been revoked');
}

var TRAPS = ['get', 'set', 'has', 'deleteProperty', 'ownKeys', 'apply', 'construct'];

var proxyStatics = {
  revocable(target, handler) {
    var switchable = Object.create(handler);
    return {
      proxy: new AmidProxy(target, switchable),
      revoke: {
        revoke() {
          TRAPS.forEach(function (name) {
            switchable[name] = refuse;
          });
        },
      }.revoke,
    };
  },
};

/** @param {object} global */
export function installProxy(global) {
  var prototype = AmidProxy.prototype;
  globalClass(global, 'Proxy', AmidProxy, 2);
  methods(AmidProxy, proxyStatics);
  delete prototype.constructor;
}
