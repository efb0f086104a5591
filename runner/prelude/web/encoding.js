/** TextEncoder, TextDecoder, atob and btoa. */
import { methods, constant, globalClass } from '../install.js';
import { DOMException } from '../error.js';
import { NativeBytes, NativeTextDecoder, NativeTextEncoder } from '../natives.js';
import { webHost } from './host.js';

var LABELS = {
  'utf-8': [
    'utf-8',
    'utf8',
    'unicode-1-1-utf-8',
    'unicode11utf8',
    'unicode20utf8',
    'x-unicode20utf8',
  ],
  'utf-16le': [
    'utf-16le',
    'utf-16',
    'ucs-2',
    'unicode',
    'unicodefeff',
    'iso-10646-ucs-2',
    'csunicode',
  ],
  'windows-1252': [
    'windows-1252',
    'latin1',
    'iso-8859-1',
    'iso8859-1',
    'iso88591',
    'iso_8859-1',
    'iso_8859-1:1987',
    'l1',
    'ascii',
    'us-ascii',
    'ansi_x3.4-1968',
    'cp1252',
    'x-cp1252',
    'cp819',
    'ibm819',
    'csisolatin1',
    'iso-ir-100',
  ],
};
/** What windows-1252 has at 0x80 to 0x9f. */
var CP1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';
/** Characters made at a time. */
var PIECE = 1024;

function encodingOf(label) {
  // eslint-disable-next-line no-control-regex
  var name = label.replace(/^[\t\n\x0c\r ]+|[\t\n\x0c\r ]+$/g, '').toLowerCase();
  for (var encoding in LABELS) if (LABELS[encoding].indexOf(name) >= 0) return encoding;
  throw new RangeError('The "' + label + '" encoding is not supported');
}

/** The global TextDecoder. */
export function TextDecoder(label, options) {
  var state;
  if (!(this instanceof TextDecoder))
    throw new TypeError("Class constructor TextDecoder cannot be invoked without 'new'");
  if (options === undefined || options === null) options = {};
  state = {
    encoding: encodingOf(label === undefined ? 'utf-8' : String(label)),
    isFatal: !!options.fatal,
    ignoresBom: !!options.ignoreBOM,
    native: null,
    /** utf-16le: a byte and a high surrogate that wait for what follows. */
    rest: [],
    isBegun: false,
  };
  this.__H_decoder = state;
  return this;
}

function stateOf(decoder) {
  var state = decoder === null || typeof decoder !== 'object' ? undefined : decoder.__H_decoder;
  if (state === undefined) throw new TypeError('Value of "this" must be of type TextDecoder');
  return state;
}

function viewOf(input) {
  if (input === undefined) return new NativeBytes(0);
  if (ArrayBuffer.isView(input))
    return new NativeBytes(input.buffer, input.byteOffset, input.byteLength);
  if (input instanceof ArrayBuffer) return new NativeBytes(input);
  throw new TypeError(
    'The "list" argument must be an instance of SharedArrayBuffer, ArrayBuffer or ArrayBufferView.',
  );
}

function invalidData(encoding) {
  var error = new TypeError('The encoded data was not valid for encoding ' + encoding);
  error.code = 'ERR_ENCODING_INVALID_ENCODED_DATA';
  return error;
}

function decodeUtf8(state, bytes, isMore) {
  if (state.native === null)
    state.native = new NativeTextDecoder('utf-8', {
      fatal: state.isFatal,
      ignoreBOM: state.ignoresBom,
    });
  try {
    return state.native.decode(bytes, { stream: isMore });
  } catch (error) {
    state.native = null;
    throw invalidData(state.encoding);
  } finally {
    if (!isMore) state.native = null;
  }
}

/** @returns {string} one character per unit */
function fromUnits(units) {
  var text = '';
  for (var at = 0; at < units.length; at += PIECE)
    text += String.fromCharCode.apply(null, units.slice(at, at + PIECE));
  return text;
}

function isHigh(unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function lone(state) {
  if (state.isFatal) throw invalidData(state.encoding);
  return 0xfffd;
}

function decodeUtf16(state, bytes, isMore) {
  var all = state.rest.concat(Array.prototype.slice.call(bytes));
  var units = [];
  var at = 0;
  var unit, next;
  state.rest = [];
  for (; at + 1 < all.length; at += 2) {
    unit = all[at] | (all[at + 1] << 8);
    if (isHigh(unit)) {
      if (at + 3 >= all.length && isMore) break;
      next = at + 3 < all.length ? all[at + 2] | (all[at + 3] << 8) : 0;
      if (isLow(next)) {
        units.push(unit, next);
        at += 2;
      } else {
        units.push(lone(state));
      }
    } else {
      units.push(isLow(unit) ? lone(state) : unit);
    }
  }
  if (isMore) state.rest = all.slice(at);
  else if (at < all.length) units.push(lone(state));
  if (units.length > 0 && !state.isBegun) {
    if (units[0] === 0xfeff && !state.ignoresBom) units.shift();
    state.isBegun = true;
  }
  if (!isMore) state.isBegun = false;
  return fromUnits(units);
}

function decodeLatin(bytes) {
  return fromUnits(
    Array.prototype.map.call(bytes, function (byte) {
      return byte >= 0x80 && byte < 0xa0 ? CP1252.charCodeAt(byte - 0x80) : byte;
    }),
  );
}

methods(
  TextDecoder.prototype,
  {
    get encoding() {
      return stateOf(this).encoding;
    },
    get fatal() {
      return stateOf(this).isFatal;
    },
    get ignoreBOM() {
      return stateOf(this).ignoresBom;
    },
    decode(input, options) {
      var state = stateOf(this);
      var bytes = viewOf(input);
      var isMore = options !== undefined && options !== null && !!options.stream;
      if (state.encoding === 'utf-8') return decodeUtf8(state, bytes, isMore);
      return state.encoding === 'utf-16le' ? decodeUtf16(state, bytes, isMore) : decodeLatin(bytes);
    },
  },
  { decode: 0 },
);
constant(TextDecoder.prototype, Symbol.toStringTag, 'TextDecoder');

/** The global TextEncoder. */
export function TextEncoder() {
  if (!(this instanceof TextEncoder))
    throw new TypeError("Class constructor TextEncoder cannot be invoked without 'new'");
  return this;
}

/** How many bytes the character at a place takes; its units are 2 if it takes 4. */
function bytesAt(text, at) {
  var code = text.charCodeAt(at);
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return isHigh(code) && at + 1 < text.length && isLow(text.charCodeAt(at + 1)) ? 4 : 3;
}

methods(
  TextEncoder.prototype,
  {
    get encoding() {
      return 'utf-8';
    },
    encode(text) {
      void globalThis.Uint8Array;
      return new NativeTextEncoder().encode(text === undefined ? '' : String(text));
    },
    encodeInto(text, target) {
      var read = 0;
      var written = 0;
      var size;
      if (!(target instanceof NativeBytes))
        throw new TypeError('The "dest" argument must be an instance of Uint8Array.');
      text = String(text);
      for (; read < text.length; read += size === 4 ? 2 : 1) {
        size = bytesAt(text, read);
        if (written + size > target.length) break;
        written += size;
      }
      if (read > 0) target.set(new NativeTextEncoder().encode(text.slice(0, read)));
      return { read: read, written: written };
    },
  },
  { encode: 0 },
);
constant(TextEncoder.prototype, Symbol.toStringTag, 'TextEncoder');

function invalidCharacter() {
  return new DOMException('Invalid character', 'InvalidCharacterError');
}

/** The globals atob and btoa. */
export function atob(data) {
  var text, bytes;
  if (arguments.length === 0) throw new TypeError('The "data" argument must be specified');
  // eslint-disable-next-line no-control-regex
  text = String(data).replace(/[\t\n\x0c\r ]+/g, '');
  if (text.length % 4 === 0) text = text.replace(/={1,2}$/, '');
  if (text.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(text))
    throw new DOMException(
      'The string to be decoded is not correctly encoded.',
      'InvalidCharacterError',
    );
  bytes = webHost().base64Decode(text + '==='.slice(0, (4 - (text.length % 4)) % 4));
  return fromUnits(Array.prototype.slice.call(bytes));
}

export function btoa(data) {
  var text, bytes, code;
  if (arguments.length === 0) throw new TypeError('The "data" argument must be specified');
  text = String(data);
  bytes = new NativeBytes(text.length);
  for (var i = 0; i < text.length; i++) {
    code = text.charCodeAt(i);
    if (code > 255) throw invalidCharacter();
    bytes[i] = code;
  }
  return webHost().base64Encode(bytes);
}

/** @param {object} global */
export function installEncoding(global) {
  globalClass(global, 'TextEncoder', TextEncoder, 0);
  globalClass(global, 'TextDecoder', TextDecoder, 0);
}
