/**
 * What JSON has not, in JSON: `{"$date": "<ISO>"}` and `{"$bytes": "<base64>"}`. An object of the script's own that
 * has one member of such a name gets one more `$` in front of it, so nothing is taken for what it is not. Whoever
 * reads the value elsewhere sees plain JSON.
 */
import { kvBase64, kvUnbase64 } from './kv.js';
import { NativeBytes } from './natives.js';

var TAG = /^\$+(date|bytes)$/;

function refuse(value) {
  var text = Object.prototype.toString.call(value);
  throw new TypeError(
    'A value must be JSON, a Date or a Uint8Array: ' + text.slice(8, -1) + ' is not',
  );
}

function isForeign(value) {
  var global = globalThis;
  return (
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof global.Map ||
    value instanceof global.Set ||
    value instanceof global.WeakMap ||
    value instanceof global.Promise ||
    value instanceof RegExp
  );
}

function isBoxed(value) {
  return value instanceof Number || value instanceof String || value instanceof Boolean;
}

function tagMembers(value, depth) {
  var result = {};
  var keys = Object.keys(value);
  for (var i = 0; i < keys.length; i++) {
    var key = keys.length === 1 && TAG.test(keys[0]) ? '$' + keys[0] : keys[i];
    // One called __proto__ is a member like others.
    Object.defineProperty(result, key, {
      value: tag(value[keys[i]], depth - 1),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return result;
}

/**
 * @param {*} value
 * @param {number} depth how far it may be nested
 * @returns {*} a copy that JSON.stringify says all of
 */
export function tag(value, depth) {
  if (value === null || typeof value !== 'object' || isBoxed(value)) return value;
  if (depth <= 0) throw new TypeError('A value is nested too deeply, or contains itself');
  if (value instanceof Date) return { $date: isNaN(value) ? null : value.toISOString() };
  if (value instanceof NativeBytes) return { $bytes: kvBase64(value) };
  if (typeof value.toJSON === 'function') return tag(value.toJSON(), depth);
  if (Array.isArray(value)) {
    return value.map(function (item) {
      return tag(item, depth - 1);
    });
  }
  if (isForeign(value)) refuse(value);
  return tagMembers(value, depth);
}

function untagDate(text, otherwise) {
  var date = new Date(text === null ? NaN : text);
  if (text === null) return date;
  return typeof text === 'string' && !isNaN(date) && date.toISOString() === text ? date : otherwise;
}

function untagBytes(text, otherwise) {
  var bytes = typeof text === 'string' ? kvUnbase64(text) : null;
  if (bytes === null) return otherwise;
  void globalThis.Uint8Array; // which gives it its methods
  return bytes;
}

/** Changes a value that JSON.parse made. What only looks like a tag stays as it is. */
export function untag(value) {
  var keys, key;
  if (value === null || typeof value !== 'object') return value;
  keys = Object.keys(value);
  for (var i = 0; i < keys.length; i++) value[keys[i]] = untag(value[keys[i]]);
  key = keys[0];
  if (Array.isArray(value) || keys.length !== 1 || !TAG.test(key)) return value;
  if (key === '$date') return untagDate(value.$date, value);
  if (key === '$bytes') return untagBytes(value.$bytes, value);
  var result = {};
  result[key.slice(1)] = value[key];
  return result;
}
