/** From the arguments of a log call to one text (RULES 25). */
import { headline } from './stack.js';

/** Longer texts are cut; the host cuts on a character boundary as well. */
var MAX_TEXT = 8192;
var MAX_DEPTH = 32;

function functionText(value) {
  return value.name ? '[Function: ' + value.name + ']' : '[Function (anonymous)]';
}

/** One-line JSON that stops when it is long enough and never fails. */
function Writer() {
  this.text = '';
  this.path = [];
}

function quote(text) {
  return JSON.stringify(text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text);
}

function plain(value) {
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (value instanceof Map) return Array.from(value);
  if (value instanceof Set) return Array.from(value);
  if (ArrayBuffer.isView(value) && value.length !== undefined) return Array.from(value);
  if (typeof value.toJSON === 'function') return value.toJSON('');
  return value;
}

function write(writer, value) {
  var kind = typeof value;
  if (writer.text.length > MAX_TEXT) return;
  if (value === null) writer.text += 'null';
  else if (kind === 'string') writer.text += quote(value);
  else if (kind === 'number')
    writer.text += value === value && Math.abs(value) !== Infinity ? value : '"' + value + '"';
  else if (kind === 'function') writer.text += quote(functionText(value));
  else if (kind === 'object') writeObject(writer, value);
  else if (kind === 'boolean') writer.text += value;
  else writer.text += kind === 'undefined' ? 'null' : quote(String(value));
}

function writeObject(writer, value) {
  if (writer.path.indexOf(value) >= 0) {
    writer.text += '"[Circular]"';
    return;
  }
  if (writer.path.length >= MAX_DEPTH) {
    writer.text += '"…"';
    return;
  }
  writer.path.push(value);
  try {
    var shown = plain(value);
    if (shown === null || typeof shown !== 'object') write(writer, shown);
    else if (Array.isArray(shown)) writeList(writer, shown);
    else writeMembers(writer, shown);
  } catch (error) {
    writer.text += quote('[' + headline(error) + ']');
  }
  writer.path.pop();
}

function writeList(writer, list) {
  writer.text += '[';
  for (var i = 0; i < list.length && writer.text.length <= MAX_TEXT; i++) {
    if (i > 0) writer.text += ',';
    write(writer, list[i]);
  }
  writer.text += ']';
}

function writeMembers(writer, object) {
  var keys = Object.keys(object);
  var count = 0;
  writer.text += '{';
  for (var i = 0; i < keys.length && writer.text.length <= MAX_TEXT; i++) {
    if (object[keys[i]] === undefined) continue;
    if (count++ > 0) writer.text += ',';
    writer.text += quote(keys[i]) + ':';
    write(writer, object[keys[i]]);
  }
  writer.text += '}';
}

/** @returns {string} any value as one-line JSON, cut when it is too long */
export function toLine(value) {
  var writer = new Writer();
  write(writer, value);
  return writer.text;
}

function isError(value) {
  return value instanceof Error;
}

/** @returns {string} a value as it stands in a log line */
export function formatValue(value) {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return value === 0 && 1 / value < 0 ? '-0' : String(value);
    case 'function':
      return functionText(value);
    case 'object':
      if (value === null) return 'null';
      return isError(value) ? errorText(value) : toLine(value);
    default:
      return String(value);
  }
}

function errorText(error) {
  var text, cause;
  try {
    text = typeof error.stack === 'string' ? error.stack : headline(error);
    cause = error.cause;
    for (var i = 0; i < 4 && isError(cause); i++) {
      text += '\nCaused by: ' + cause.stack;
      cause = cause.cause;
    }
  } catch (failure) {
    return 'Error';
  }
  return text;
}

function asInteger(value) {
  if (typeof value === 'symbol' || (typeof value === 'object' && value !== null)) return 'NaN';
  value = parseInt(value, 10);
  return value === 0 && 1 / value < 0 ? '-0' : String(value);
}

function asNumber(value) {
  if (typeof value === 'symbol' || (typeof value === 'object' && value !== null)) return 'NaN';
  value = +value;
  return value === 0 && 1 / value < 0 ? '-0' : String(value);
}

function directive(letter, value) {
  switch (letter) {
    case 's':
      return formatValue(value);
    case 'd':
      return asNumber(value);
    case 'i':
      return asInteger(value);
    case 'f':
      return typeof value === 'symbol' ? 'NaN' : String(parseFloat(value));
    case 'c':
      return '';
    default:
      return toLine(value);
  }
}

/** @param {ArrayLike} list the arguments: a text with %s and the like, or values joined by blanks */
export function formatList(list) {
  var used = 0;
  var text = '';
  if (list.length === 0) return '';
  if (typeof list[0] === 'string') {
    used = 1;
    text = list[0];
    if (list.length > 1 && text.indexOf('%') >= 0) {
      text = text.replace(/%([sdifjoOc%])/g, function (all, letter) {
        if (letter === '%') return '%';
        return used < list.length ? directive(letter, list[used++]) : all;
      });
    }
  }
  for (; used < list.length && text.length <= MAX_TEXT; used++) {
    text += (used === 0 ? '' : ' ') + formatValue(list[used]);
  }
  return text;
}

/**
 * The first plain object among the arguments, for the structured field.
 * @returns {string|null} JSON
 */
export function fieldsOf(list) {
  for (var i = 0; i < list.length; i++) {
    var value = list[i];
    if (value === null || typeof value !== 'object') continue;
    var prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) continue;
    var text = toLine(value);
    return text.length <= MAX_TEXT ? text : null;
  }
  return null;
}
