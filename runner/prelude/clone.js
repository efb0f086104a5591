/** structuredClone. */
import { DOMException } from './error.js';
import { Map, Set } from './collections.js';

function refuse(value) {
  var text =
    typeof value === 'symbol'
      ? value.toString()
      : typeof value === 'function'
        ? String(value)
        : '#<Object>';
  throw new DOMException(text + ' could not be cloned.', 'DataCloneError');
}

function isTyped(value) {
  return ArrayBuffer.isView(value);
}

function cloneView(value, seen) {
  var buffer = clone(value.buffer, seen);
  if (value instanceof DataView) return new DataView(buffer, value.byteOffset, value.byteLength);
  return new value.constructor(buffer, value.byteOffset, value.length);
}

function cloneError(error, seen) {
  var kinds = {
    EvalError: 1,
    RangeError: 1,
    ReferenceError: 1,
    SyntaxError: 1,
    TypeError: 1,
    URIError: 1,
  };
  var Kind = kinds[error.name] ? globalThis[error.name] : Error;
  var copy = new Kind(error.message);
  seen.set(error, copy);
  if (Object.prototype.hasOwnProperty.call(error, 'cause')) {
    Object.defineProperty(copy, 'cause', {
      value: clone(error.cause, seen),
      writable: true,
      enumerable: false,
      configurable: true,
    });
  }
  return copy;
}

/** Objects of the web that stand for something beyond their members. */
function isBound(value) {
  return (
    value.__H_weak !== undefined ||
    value.__H_state !== undefined ||
    value.__H_event !== undefined ||
    value.__H_abort !== undefined ||
    value.__H_stream !== undefined ||
    value.__H_list !== undefined ||
    value.__H_request !== undefined ||
    value.__H_response !== undefined ||
    value.__H_url !== undefined ||
    value.__H_query !== undefined ||
    value.__H_form !== undefined
  );
}

/** Blobs and Files, whose bytes never change, so that the copy shares them. */
function cloneBlob(value, seen) {
  var copy = Object.create(Object.getPrototypeOf(value));
  seen.set(value, copy);
  copy.__H_blob = value.__H_blob;
  copy.__H_name = value.__H_name;
  copy.__H_modified = value.__H_modified;
  return copy;
}

/** Makes the empty copy; members are filled in afterwards, so that cycles find it. */
function shell(value, seen) {
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof RegExp) return new RegExp(value.source, value.flags);
  if (value instanceof Boolean || value instanceof Number || value instanceof String)
    return Object(value.valueOf());
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (isTyped(value)) return cloneView(value, seen);
  return null;
}

function clone(value, seen) {
  var copy;
  if (typeof value === 'function' || typeof value === 'symbol') refuse(value);
  if (value === null || typeof value !== 'object') return value;
  if (seen.has(value)) return seen.get(value);
  if (value instanceof Error) return cloneError(value, seen);
  copy = shell(value, seen);
  if (copy !== null) {
    seen.set(value, copy);
    return copy;
  }
  if (value.__H_blob !== undefined) return cloneBlob(value, seen);
  if (isBound(value)) {
    throw new DOMException(
      '#<' + value.constructor.name + '> could not be cloned.',
      'DataCloneError',
    );
  }
  return cloneMembers(value, seen);
}

function cloneMembers(value, seen) {
  var copy;
  if (value instanceof Map) {
    copy = new Map();
    seen.set(value, copy);
    value.forEach(function (item, key) {
      copy.set(clone(key, seen), clone(item, seen));
    });
    return copy;
  }
  if (value instanceof Set) {
    copy = new Set();
    seen.set(value, copy);
    value.forEach(function (item) {
      copy.add(clone(item, seen));
    });
    return copy;
  }
  copy = Array.isArray(value) ? new Array(value.length) : {};
  seen.set(value, copy);
  Object.keys(value).forEach(function (key) {
    copy[key] = clone(value[key], seen);
  });
  return copy;
}

/** The global structuredClone; `transfer` is taken for a plain copy. */
export function structuredClone(value) {
  if (arguments.length === 0) throw new TypeError('The "value" argument must be specified');
  return clone(value, new Map());
}
