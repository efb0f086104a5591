/** FormData, and how it goes through a body: multipart both ways, urlencoded when read. */
import { methods, constant, globalClass, symbolMethod } from '../install.js';
import { makeIteratorPrototype, KEYS, ENTRIES, VALUES } from '../iterators.js';
import { NativeBytes, NativeTextDecoder, NativeTextEncoder } from '../natives.js';
import loadBlob from './blob.js?lazy';
import loadUrl from './url.js?lazy';
import { webHost } from './host.js';

var BOUNDARY_BYTES = 12;
/** Headers of a part of a form that is read; browsers send three. */
var MAX_PART_HEADER_BYTES = 8192;

/** The global FormData: a flat list of names and values, these being texts and Files. */
export function FormData(form) {
  if (!(this instanceof FormData))
    throw new TypeError("Class constructor FormData cannot be invoked without 'new'");
  if (form !== undefined)
    throw new TypeError(
      "Failed to construct 'FormData': parameter 1 is not of type 'HTMLFormElement'",
    );
  this.__H_form = [];
  return this;
}

function listOf(form) {
  var list = form === null || typeof form !== 'object' ? undefined : form.__H_form;
  if (list === undefined) throw new TypeError('Illegal invocation: not FormData');
  return list;
}

function need(method, given, count) {
  if (given.length >= count) return;
  throw new TypeError(
    'FormData.' +
      method +
      ': ' +
      count +
      ' arguments required, but only ' +
      given.length +
      ' present.',
  );
}

function text(value) {
  return new NativeTextDecoder('utf-8', { ignoreBOM: true }).decode(
    new NativeTextEncoder().encode(String(value)),
  );
}

function isBlob(value) {
  return value !== null && typeof value === 'object' && value.__H_blob !== undefined;
}

function entryValue(given) {
  var value = given[1];
  var name, File;
  if (!isBlob(value)) {
    if (given.length > 2)
      throw new TypeError('FormData: the value with a file name must be a Blob');
    return text(value);
  }
  if (value.__H_name !== undefined && given.length < 3) return value;
  File = loadBlob().File;
  name = given.length > 2 ? text(given[2]) : 'blob';
  return new File([value], name, { type: value.type, lastModified: value.__H_modified });
}

function remove(list, name) {
  for (var i = list.length - 2; i >= 0; i -= 2) if (list[i] === name) list.splice(i, 2);
}

function FormIterator(form, kind) {
  this.__H_iterated = form;
  this.__H_at = 0;
  this.__H_kind = kind;
}
FormIterator.prototype = makeIteratorPrototype(
  'FormData Iterator',
  {
    next() {
      var list = listOf(this.__H_iterated);
      var at = this.__H_at;
      if (at >= list.length) return { value: undefined, done: true };
      this.__H_at = at + 2;
      if (this.__H_kind === ENTRIES) return { value: [list[at], list[at + 1]], done: false };
      return { value: list[this.__H_kind === KEYS ? at : at + 1], done: false };
    },
  }.next,
);

methods(
  FormData.prototype,
  {
    append(name) {
      var list = listOf(this);
      need('append', arguments, 2);
      list.push(text(name), entryValue(arguments));
    },
    delete(name) {
      need('delete', arguments, 1);
      remove(listOf(this), text(name));
    },
    get(name) {
      var list = listOf(this);
      need('get', arguments, 1);
      name = text(name);
      for (var i = 0; i < list.length; i += 2) if (list[i] === name) return list[i + 1];
      return null;
    },
    getAll(name) {
      var list = listOf(this);
      var found = [];
      need('getAll', arguments, 1);
      name = text(name);
      for (var i = 0; i < list.length; i += 2) if (list[i] === name) found.push(list[i + 1]);
      return found;
    },
    has(name) {
      return FormData.prototype.getAll.call(this, name).length > 0;
    },
    set(name) {
      var list = listOf(this);
      var value, rest;
      need('set', arguments, 2);
      name = text(name);
      value = entryValue(arguments);
      for (var i = 0; i < list.length && list[i] !== name; i += 2);
      rest = list.splice(i);
      remove(rest, name);
      list.push(name, value);
      list.push.apply(list, rest);
    },
    forEach(callback, thisArgument) {
      var list = listOf(this);
      need('forEach', arguments, 1);
      for (var i = 0; i < list.length; i += 2)
        callback.call(thisArgument, list[i + 1], list[i], this);
    },
    keys() {
      listOf(this);
      return new FormIterator(this, KEYS);
    },
    values() {
      listOf(this);
      return new FormIterator(this, VALUES);
    },
    entries() {
      listOf(this);
      return new FormIterator(this, ENTRIES);
    },
  },
  { append: 2, set: 2, forEach: 1 },
);
symbolMethod(FormData.prototype, Symbol.iterator, 'entries', FormData.prototype.entries);
constant(FormData.prototype, Symbol.toStringTag, 'FormData');

function escapeName(name) {
  return name.replace(/\r\n?|\n/g, '%0D%0A').replace(/"/g, '%22');
}

function partHead(name, value) {
  var head = 'Content-Disposition: form-data; name="' + escapeName(name) + '"';
  if (!isBlob(value)) return head + '\r\n\r\n' + value.replace(/\r\n?|\n/g, '\r\n');
  return (
    head +
    '; filename="' +
    escapeName(value.name) +
    '"\r\nContent-Type: ' +
    (value.type || 'application/octet-stream') +
    '\r\n\r\n'
  );
}

/**
 * @param {FormData} form
 * @param {Function} Body body.js's
 * @returns {{body: Body, type: string}}
 */
export function encodeForm(form, Body) {
  var Blob = loadBlob().Blob;
  var boundary = '----formdata-amid-' + randomText();
  var list = listOf(form);
  var parts = [];
  for (var i = 0; i < list.length; i += 2) {
    parts.push('--' + boundary + '\r\n' + partHead(list[i], list[i + 1]));
    if (isBlob(list[i + 1])) parts.push(list[i + 1]);
    parts.push('\r\n');
  }
  parts.push('--' + boundary + '--\r\n');
  return {
    body: new Body(new Blob(parts).__H_blob.bytes),
    type: 'multipart/form-data; boundary=' + boundary,
  };
}

function randomText() {
  var bytes = webHost().randomBytes(BOUNDARY_BYTES);
  var hex = '';
  for (var i = 0; i < bytes.length; i++) hex += (bytes[i] + 256).toString(16).slice(1);
  return hex;
}

function broken() {
  return new TypeError('Failed to parse body as FormData.');
}

function utf8(bytes) {
  return new NativeTextDecoder().decode(bytes);
}

/** @returns {string|null} a parameter of a header value, without its quotes */
function parameter(value, name) {
  var match = new RegExp(';\\s*' + name + '=(?:"([^"]*)"|([^;\\s]+))', 'i').exec(value);
  if (match === null) return null;
  return match[1] === undefined ? match[2] : match[1];
}

function unescapeName(name) {
  return name.replace(/%0d%0a/gi, '\r\n').replace(/%22/g, '"');
}

/** @returns {Object<string, string>} the headers of a part, names in lower case */
function partHeaders(bytes) {
  var headers = {};
  utf8(bytes)
    .split('\r\n')
    .forEach(function (line) {
      var at = line.indexOf(':');
      if (at <= 0) throw broken();
      headers[line.slice(0, at).toLowerCase()] = line.slice(at + 1).trim();
    });
  return headers;
}

function readPart(list, bytes, end) {
  var headers = partHeaders(bytes.subarray(0, end));
  var content = bytes.subarray(end + 4);
  var disposition = headers['content-disposition'] || '';
  var name = /^form-data\s*;/i.test(disposition) ? parameter(disposition, 'name') : null;
  var file = parameter(disposition, 'filename');
  var File;
  if (name === null) throw broken();
  if (file === null) {
    list.push(unescapeName(name), utf8(content));
  } else {
    File = loadBlob().File;
    list.push(
      unescapeName(name),
      new File([content], unescapeName(file), { type: headers['content-type'] || 'text/plain' }),
    );
  }
}

function find(bytes, sought, from) {
  return webHost().bytesFind(bytes, sought, from);
}

/** Parts stand between lines of the boundary; the last of these ends with two more dashes. */
function readMultipart(list, bytes, boundary) {
  var line = new NativeTextEncoder().encode('\r\n--' + boundary);
  var blank = new NativeTextEncoder().encode('\r\n\r\n');
  var at = find(bytes, line.subarray(2), 0);
  var end, head;
  // What stands before the first boundary is to be ignored; the boundary begins a line.
  if (at > 0) {
    at = find(bytes, line, 0);
    if (at >= 0) at += 2;
  }
  if (at < 0) throw broken();
  at += line.length - 2;
  while (!(bytes[at] === 0x2d && bytes[at + 1] === 0x2d)) {
    if (bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a) throw broken();
    at += 2;
    end = find(bytes, line, at);
    head = find(bytes, blank, at);
    if (end < 0 || head < 0 || head + 4 > end || head - at > MAX_PART_HEADER_BYTES) throw broken();
    readPart(list, bytes.subarray(at, end), head - at);
    at = end + line.length;
  }
}

/** @returns {FormData} what a body of that content type says */
export function decodeForm(bytes, type) {
  var form = new FormData();
  var essence = type.split(';')[0].trim().toLowerCase();
  var boundary;
  if (essence === 'application/x-www-form-urlencoded') {
    form.__H_form = loadUrl().parseForm(utf8(bytes));
    return form;
  }
  boundary = essence === 'multipart/form-data' ? parameter(type, 'boundary') : null;
  if (boundary === null) throw broken();
  readMultipart(
    form.__H_form,
    new NativeBytes(bytes.buffer, bytes.byteOffset, bytes.length),
    boundary,
  );
  return form;
}

/** @param {object} global */
export function installForms(global) {
  globalClass(global, 'FormData', FormData, 0);
}
