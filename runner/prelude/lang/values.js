/** Destructuring, spread, rest, object literals with spread, template objects. */
import { isPlainArray } from '../iterators.js';
import { cursor } from './cursor.js';

var isEnumerable = Object.prototype.propertyIsEnumerable;
var define = Object.defineProperty;

/** The first `count` values of an iterable (all when not given), as something to be read by index. */
function read(value, count) {
  var values, each;
  if (isPlainArray(value))
    return count === undefined && value.constructor !== Array ? value.slice() : value;
  values = [];
  each = cursor(value);
  while ((count === undefined || values.length < count) && each.next())
    values[values.length] = each.value;
  each.close();
  return values;
}

/** Puts `from` behind `to`, which is an array that generated code has just made. */
function spreadArray(to, from) {
  var at = to.length;
  for (var i = 0; i < from.length; i++) to[at + i] = from[i];
  return to;
}

function defineValue(target, key, value) {
  if (key === '__proto__')
    define(target, key, { value: value, writable: true, enumerable: true, configurable: true });
  else target[key] = value;
}

/** Copies own enumerable properties, as spread in an object literal does. */
function assign(target, source) {
  var keys, i;
  if (source === null || source === undefined) return target;
  source = Object(source);
  keys = Object.keys(source);
  for (i = 0; i < keys.length; i++) defineValue(target, keys[i], source[keys[i]]);
  keys = Object.getOwnPropertySymbols(source);
  for (i = 0; i < keys.length; i++)
    if (isEnumerable.call(source, keys[i])) target[keys[i]] = source[keys[i]];
  return target;
}

function withPrototype(object, prototype) {
  var isUsable =
    prototype === null || typeof prototype === 'object' || typeof prototype === 'function';
  return isUsable ? Object.setPrototypeOf(object, prototype) : object;
}

function rest(source, excluded) {
  var target = {};
  var keys = Reflect.ownKeys(Object(source));
  for (var i = 0; i < keys.length; i++) {
    var key = keys[i];
    if (excluded.indexOf(key) < 0 && isEnumerable.call(source, key))
      defineValue(target, key, source[key]);
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
  env.hide(env.global, '__withPrototype', withPrototype);
  env.hide(env.global, '__makeTemplateObject', makeTemplateObject);
}
