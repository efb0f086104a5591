/** Destructuring, spread, rest, object literals with spread, template objects. */
import { isPlainArray } from '../iterators.js';
import { cursor } from './cursor.js';

var hasOwn = Object.prototype.hasOwnProperty;
var nativeAssign = Object.assign;
var define = Object.defineProperty;

/** The first `count` values of an iterable (all when not given), as something to be read by index. */
function read(value, count) {
  var values, each;
  if (isPlainArray(value)) return count === undefined && value.constructor !== Array ? value.slice() : value;
  values = [];
  each = cursor(value);
  while ((count === undefined || values.length < count) && each.next()) values[values.length] = each.value;
  each.close();
  return values;
}

/** Puts `from` behind `to`, which is an array that generated code has just made. */
function spreadArray(to, from) {
  var at = to.length;
  for (var i = 0; i < from.length; i++) to[at + i] = from[i];
  return to;
}

/** Copies own enumerable properties as a literal would define them. */
function assign(target, source) {
  var keys;
  if (source === null || source === undefined) return target;
  if (!hasOwn.call(source, '__proto__')) return nativeAssign(target, source);
  keys = Reflect.ownKeys(source);
  for (var i = 0; i < keys.length; i++) {
    if (!Object.prototype.propertyIsEnumerable.call(source, keys[i])) continue;
    define(target, keys[i], { value: source[keys[i]], writable: true, enumerable: true, configurable: true });
  }
  return target;
}

function rest(source, excluded) {
  var target = {};
  var keys = Reflect.ownKeys(Object(source));
  for (var i = 0; i < keys.length; i++) {
    var key = keys[i];
    if (excluded.indexOf(key) < 0 && Object.prototype.propertyIsEnumerable.call(source, key)) {
      if (key === '__proto__') define(target, key, { value: source[key], writable: true, enumerable: true, configurable: true });
      else target[key] = source[key];
    }
  }
  return target;
}

function makeTemplateObject(cooked, raw) {
  define(cooked, 'raw', { value: Object.freeze(raw) });
  return Object.freeze(cooked);
}

export function installValues(env) {
  env.hide(env.global, '__read', read);
  env.hide(env.global, '__spreadArray', spreadArray);
  env.hide(env.global, '__assign', assign);
  env.hide(env.global, '__rest', rest);
  env.hide(env.global, '__makeTemplateObject', makeTemplateObject);
}
