/**
 * Bodies of requests and responses. A body is text, bytes, or a source (see streams.js); the stream that `body` shows
 * is made when it is first looked at. Reading without the stream goes straight to what is behind it.
 */
import { methods } from '../install.js';
import { Promise } from '../promise.js';
import { NativeTextEncoder, NativeTextDecoder, NativeBytes } from '../natives.js';
import loadStreams from './streams.js?lazy';
import loadBlob from './blob.js?lazy';
import loadForms from './form-data.js?lazy';

/** @param {string|Uint8Array|object} content text, bytes or a source */
export function Body(content) {
  this.content = content;
  this.stream = null;
  this.isUsed = false;
}

function isObject(value) {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

/** What a reader of a stream gives, as a source. */
function sourceOf(stream) {
  var reader = null;
  return {
    pull() {
      if (reader === null) reader = stream.getReader();
      return reader.read().then(function (result) {
        if (result.done) return null;
        if (ArrayBuffer.isView(result.value) && result.value instanceof NativeBytes)
          return result.value;
        reader.cancel().then(undefined, function () {});
        throw new TypeError('Received non-Uint8Array chunk');
      });
    },
    cancel(reason) {
      return reader === null ? stream.cancel(reason) : reader.cancel(reason);
    },
  };
}

function bodyOfStream(stream) {
  var body = new Body(null);
  var streams = loadStreams();
  if (streams.isDisturbed(stream) || streams.isLocked(stream))
    throw new TypeError('Response body object should not be disturbed or locked');
  body.content = sourceOf(stream);
  body.stream = stream;
  return body;
}

/**
 * Makes a body of what a script gives.
 * @returns {{body: Body, type: string|null}} with the content type it stands for
 */
export function extractBody(value) {
  if (isObject(value)) {
    if (value.__H_stream !== undefined) return { body: bodyOfStream(value), type: null };
    if (value.__H_blob !== undefined)
      return { body: new Body(value.__H_blob.bytes), type: value.__H_blob.type || null };
    if (value.__H_form !== undefined) return loadForms().encodeForm(value, Body);
    if (value.__H_query !== undefined) {
      return {
        body: new Body(value.toString()),
        type: 'application/x-www-form-urlencoded;charset=UTF-8',
      };
    }
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
      return { body: new Body(loadStreams().copyOf(value)), type: null };
    if (value[Symbol.asyncIterator] !== undefined)
      return { body: bodyOfStream(loadStreams().ReadableStream.from(value)), type: null };
  }
  return { body: new Body(String(value)), type: 'text/plain;charset=UTF-8' };
}

function isSource(content) {
  return typeof content !== 'string' && !(content instanceof NativeBytes);
}

export function isUsed(body) {
  return (
    body !== null &&
    (body.isUsed || (body.stream !== null && loadStreams().isDisturbed(body.stream)))
  );
}

/** Whether nobody may read it any more. */
function isUnusable(body) {
  return (
    isUsed(body) || (body !== null && body.stream !== null && loadStreams().isLocked(body.stream))
  );
}

export function toBytes(text) {
  return new NativeTextEncoder().encode(text);
}

/** A source that gives bytes once. */
function onceSource(content) {
  return {
    pull() {
      var bytes = content;
      content = null;
      if (typeof bytes === 'string') bytes = toBytes(bytes);
      if (bytes !== null && bytes.length === 0) bytes = null;
      return Promise.resolve(bytes);
    },
    cancel() {
      content = null;
      return Promise.resolve();
    },
  };
}

/** The stream that a script sees as `body`. */
function streamOfBody(body) {
  if (body.stream === null) {
    var content = body.content;
    body.stream = loadStreams().streamOf(isSource(content) ? content : onceSource(content));
    body.content = sourceOf(body.stream);
    if (body.isUsed) loadStreams().spend(body.stream);
  }
  return body.stream;
}

/**
 * Takes the content out of a message, which then counts as used; for the network, and for the functions below.
 * @param {Body|null} body
 * @returns {string|Uint8Array|{pull: function, cancel: function}|null}
 */
export function takeContent(body) {
  if (body === null) return null;
  if (isUnusable(body)) throw new TypeError('Body is unusable: Body has already been read');
  body.isUsed = true;
  return body.content;
}

function join(chunks, length) {
  var all, at;
  if (chunks.length === 1) return chunks[0];
  all = new NativeBytes(length);
  at = 0;
  for (var i = 0; i < chunks.length; i++) {
    all.set(chunks[i], at);
    at += chunks[i].length;
  }
  return all;
}

function readAll(source) {
  var chunks = [];
  var length = 0;
  function take(chunk) {
    if (chunk === null) return join(chunks, length);
    chunks.push(chunk);
    length += chunk.length;
    return source.pull().then(take);
  }
  return source.pull().then(take);
}

/** @returns {Promise<string|Uint8Array>} the whole content */
function wholeContent(body) {
  var content;
  try {
    content = takeContent(body);
  } catch (error) {
    return Promise.reject(error);
  }
  if (content === null) content = '';
  return isSource(content) ? readAll(content) : Promise.resolve(content);
}

function asBytes(content) {
  // Scripts get it: its methods are those of ES2022 once the global has been looked at.
  void globalThis.Uint8Array;
  return typeof content === 'string' ? toBytes(content) : new NativeBytes(content);
}

/** As everywhere on the web: bytes that are no UTF-8, and halves of characters, become U+FFFD. */
export function asText(content) {
  return new NativeTextDecoder().decode(typeof content === 'string' ? toBytes(content) : content);
}

/** A second body with the same content. */
export function cloneBody(body) {
  var copy, branches;
  if (body === null) return null;
  if (isUnusable(body)) throw new TypeError('Response.clone: Body has already been consumed.');
  if (body.stream === null && !isSource(body.content)) return new Body(body.content);
  branches = loadStreams().tee(streamOfBody(body));
  body.stream = branches[0];
  body.content = sourceOf(branches[0]);
  copy = new Body(sourceOf(branches[1]));
  copy.stream = branches[1];
  return copy;
}

/**
 * Gives Request or Response the members that read a body.
 * @param {object} prototype
 * @param {function(object): {body: Body|null}} stateOf
 * @param {function(object): string|null} typeOf the content type
 */
export function bodyMembers(prototype, stateOf, typeOf) {
  function consume(message, convert) {
    var state;
    try {
      state = stateOf(message);
    } catch (error) {
      return Promise.reject(error);
    }
    return wholeContent(state.body).then(convert);
  }
  methods(prototype, {
    get body() {
      var body = stateOf(this).body;
      return body === null ? null : streamOfBody(body);
    },
    get bodyUsed() {
      return isUsed(stateOf(this).body);
    },
    text() {
      return consume(this, asText);
    },
    json() {
      return consume(this, function (content) {
        return JSON.parse(asText(content));
      });
    },
    bytes() {
      return consume(this, asBytes);
    },
    arrayBuffer() {
      return consume(this, function (content) {
        var bytes = asBytes(content);
        return bytes.length === bytes.buffer.byteLength
          ? bytes.buffer
          : bytes.buffer.slice(0, bytes.length);
      });
    },
    blob() {
      var message = this;
      return consume(this, function (content) {
        return loadBlob().makeBlob(asBytes(content), typeOf(message) || '');
      });
    },
    formData() {
      var message = this;
      return consume(this, function (content) {
        return loadForms().decodeForm(asBytes(content), typeOf(message) || '');
      });
    },
  });
}
