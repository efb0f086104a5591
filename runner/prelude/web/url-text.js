/** Percent-encoding as URLs have it. */
import { NativeBytes, NativeTextDecoder, NativeTextEncoder } from '../natives.js';

/** Which ASCII characters each part of a URL encodes, beside controls; what is not ASCII always is. */
var FRAGMENT = ' "<>`';
var QUERY = ' "#<>';
var PATH = QUERY + '?^`{}';
var USERINFO = PATH + '/:;=@[\\]|';

function setOf(characters) {
  return function (code) {
    return isControl(code) || characters.indexOf(String.fromCharCode(code)) >= 0;
  };
}

export function isControl(code) {
  return code < 0x20 || code > 0x7e;
}
export var isOfFragment = setOf(FRAGMENT);
export var isOfQuery = setOf(QUERY);
export var isOfSpecialQuery = setOf(QUERY + "'");
export var isOfPath = setOf(PATH);
export var isOfUserinfo = setOf(USERINFO);

function hex(byte) {
  return (byte < 16 ? '%0' : '%') + byte.toString(16).toUpperCase();
}

function encodeBytes(text) {
  var bytes = new NativeTextEncoder().encode(text);
  var encoded = '';
  for (var i = 0; i < bytes.length; i++) encoded += hex(bytes[i]);
  return encoded;
}

/** @param {function(number): boolean} isEncoded says it of a UTF-16 unit */
export function encodeWith(text, isEncoded) {
  var encoded = '';
  var from = 0;
  var at = 0;
  var code, start;
  while (at < text.length) {
    code = text.charCodeAt(at);
    if (!isEncoded(code)) {
      at++;
      continue;
    }
    start = at++;
    // Whole runs, so that the two halves of a character stay together.
    if (code > 0x7f) while (at < text.length && text.charCodeAt(at) > 0x7f) at++;
    encoded += text.slice(from, start) + encodeBytes(text.slice(start, at));
    from = at;
  }
  return from === 0 ? text : encoded + text.slice(from);
}

/** @returns {string} with lone surrogates as U+FFFD */
export function wellFormed(text) {
  return /[\ud800-\udfff]/.test(text)
    ? new NativeTextDecoder('utf-8', { ignoreBOM: true }).decode(
        new NativeTextEncoder().encode(text),
      )
    : text;
}

/** @returns {string} what the web calls a USVString of a value */
export function textOf(value) {
  if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  return wellFormed(String(value));
}

/** Decodes %XX; what then is no UTF-8 becomes U+FFFD. */
export function decodePercent(text) {
  var bytes, to, code;
  if (text.indexOf('%') < 0) return wellFormed(text);
  bytes = new NativeTextEncoder().encode(text);
  to = 0;
  for (var i = 0; i < bytes.length; i++) {
    code = bytes[i] === 0x25 ? hexPair(bytes[i + 1], bytes[i + 2]) : -1;
    bytes[to++] = code < 0 ? bytes[i] : code;
    if (code >= 0) i += 2;
  }
  return new NativeTextDecoder('utf-8', { ignoreBOM: true }).decode(
    new NativeBytes(bytes.buffer, bytes.byteOffset, to),
  );
}

function hexPair(high, low) {
  high = hexDigit(high);
  low = hexDigit(low);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(code) {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  code |= 0x20;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

/** Names and values of a query or a form, flat. */
export function parseForm(text) {
  var list = [];
  text.split('&').forEach(function (piece) {
    var at = piece.indexOf('=');
    if (piece === '') return;
    if (at < 0) at = piece.length;
    list.push(decodeForm(piece.slice(0, at)), decodeForm(piece.slice(at + 1)));
  });
  return list;
}

function decodeForm(text) {
  return decodePercent(text.indexOf('+') < 0 ? text : text.replace(/\+/g, ' '));
}

function encodeForm(text) {
  return encodeURIComponent(wellFormed(text))
    .replace(/[!'()~]/g, function (character) {
      return hex(character.charCodeAt(0));
    })
    .replace(/%20/g, '+');
}

/** @returns {string} a flat list as a query or a form has it */
export function formText(list) {
  var text = '';
  for (var i = 0; i < list.length; i += 2)
    text += (i > 0 ? '&' : '') + encodeForm(list[i]) + '=' + encodeForm(list[i + 1]);
  return text;
}
