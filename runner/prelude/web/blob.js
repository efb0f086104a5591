/** Blob and File: their bytes are one Uint8Array that nobody writes to. */
import { methods, constant, globalClass } from '../install.js';
import { iterate } from '../iterators.js';
import { Promise } from '../promise.js';
import { NativeBytes, NativeTextDecoder, NativeTextEncoder } from '../natives.js';
import loadStreams from './streams.js?lazy';

/** A stream of a blob gives pieces of this size, as other runtimes do. */
var PIECE_BYTES = 65536;

function BlobState(bytes, type) {
  this.bytes = bytes;
  this.type = type;
}

function isObject(value) {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

function bytesOf(part, isNative) {
  if (isObject(part)) {
    if (part.__H_blob !== undefined) return part.__H_blob.bytes;
    if (part instanceof ArrayBuffer || ArrayBuffer.isView(part)) return loadStreams().copyOf(part);
  }
  part = String(part);
  return new NativeTextEncoder().encode(isNative ? part.replace(/\r\n?/g, '\n') : part);
}

function joined(parts, options) {
  var pieces = [];
  var length = 0;
  var isNative = String(options.endings) === 'native';
  var bytes, at;
  if (parts === undefined) return new NativeBytes(0);
  if (!isObject(parts)) throw new TypeError('The "sources" argument must be a sequence');
  iterate(parts, function (part) {
    var piece = bytesOf(part, isNative);
    pieces.push(piece);
    length += piece.length;
  });
  if (pieces.length === 1) return pieces[0];
  bytes = new NativeBytes(length);
  at = 0;
  pieces.forEach(function (piece) {
    bytes.set(piece, at);
    at += piece.length;
  });
  return bytes;
}

function typeOf(value) {
  var type = value === undefined ? '' : String(value);
  return /^[\x20-\x7e]*$/.test(type) ? type.toLowerCase() : '';
}

function optionsOf(value) {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new TypeError('The "options" argument must be of type object');
  return value;
}

/** The global Blob. */
export function Blob(parts, options) {
  if (!(this instanceof Blob))
    throw new TypeError("Class constructor Blob cannot be invoked without 'new'");
  options = optionsOf(options);
  this.__H_blob = new BlobState(joined(parts, options), typeOf(options.type));
  return this;
}

/** @returns {Blob} over these bytes */
export function makeBlob(bytes, type) {
  var blob = Object.create(Blob.prototype);
  blob.__H_blob = new BlobState(bytes, typeOf(type));
  return blob;
}

function stateOf(blob) {
  var state = isObject(blob) ? blob.__H_blob : undefined;
  if (state === undefined) throw new TypeError('Illegal invocation: not a Blob');
  return state;
}

function place(value, fallback, size) {
  value = value === undefined ? fallback : Math.trunc(+value) || 0;
  return value < 0 ? Math.max(size + value, 0) : Math.min(value, size);
}

function piecesOf(bytes) {
  var at = 0;
  return {
    pull() {
      var end = Math.min(at + PIECE_BYTES, bytes.length);
      var piece = at >= end ? null : new NativeBytes(bytes.subarray(at, end));
      at = end;
      return Promise.resolve(piece);
    },
    cancel() {
      at = bytes.length;
    },
  };
}

function promised(work) {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}

function copy(blob) {
  void globalThis.Uint8Array;
  return new NativeBytes(stateOf(blob).bytes);
}

methods(
  Blob.prototype,
  {
    get size() {
      return stateOf(this).bytes.length;
    },
    get type() {
      return stateOf(this).type;
    },
    slice(start, end, type) {
      var bytes = stateOf(this).bytes;
      var from = place(start, 0, bytes.length);
      var to = Math.max(from, place(end, bytes.length, bytes.length));
      return makeBlob(new NativeBytes(bytes.subarray(from, to)), type);
    },
    text() {
      var blob = this;
      return promised(function () {
        return new NativeTextDecoder().decode(stateOf(blob).bytes);
      });
    },
    bytes() {
      var blob = this;
      return promised(function () {
        return copy(blob);
      });
    },
    arrayBuffer() {
      var blob = this;
      return promised(function () {
        return copy(blob).buffer;
      });
    },
    stream() {
      return loadStreams().streamOf(piecesOf(stateOf(this).bytes));
    },
  },
  { slice: 0 },
);
constant(Blob.prototype, Symbol.toStringTag, 'Blob');

/** The global File. */
export function File(parts, name, options) {
  if (!(this instanceof File))
    throw new TypeError("Class constructor File cannot be invoked without 'new'");
  if (arguments.length < 2)
    throw new TypeError('The "sources" and "fileName" arguments must be specified');
  options = optionsOf(options);
  Blob.call(this, parts, options);
  this.__H_name = String(name);
  this.__H_modified =
    options.lastModified === undefined ? Date.now() : Math.trunc(+options.lastModified) || 0;
  return this;
}
File.prototype = Object.create(Blob.prototype);
Object.setPrototypeOf(File, Blob);

function needFile(file) {
  if (!isObject(file) || file.__H_name === undefined)
    throw new TypeError('Illegal invocation: not a File');
  return file;
}

methods(File.prototype, {
  get name() {
    return needFile(this).__H_name;
  },
  get lastModified() {
    return needFile(this).__H_modified;
  },
});
constant(File.prototype, Symbol.toStringTag, 'File');

/** @param {object} global */
export function installBlob(global) {
  globalClass(global, 'Blob', Blob, 0);
  globalClass(global, 'File', File, 2);
}
