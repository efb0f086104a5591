/**
 * WebSocket. The supervisor speaks the protocol; here are the states, the queue of what is to be sent, and the pull
 * for the next message, which keeps the iteration open as long as the socket is (RULES 12).
 */
import { NativeBytes, NativeTextEncoder, NativeTextDecoder } from '../natives.js';
import { enqueue, currentEpoch } from '../microtasks.js';
import { iterate, iteratorMethod } from '../iterators.js';
import { hostCall, cancelCall, openResource, forgetResource } from '../requests.js';
import { methods, constant, globalClass } from '../install.js';
import { DOMException, namedError } from '../error.js';
import loadEvents from '../web/event.js?lazy';
import loadUrl from '../web/url.js?lazy';
import loadBlob from '../web/blob.js?lazy';

var events = loadEvents();
var CONNECTING = 0;
var OPEN = 1;
var CLOSING = 2;
var CLOSED = 3;
var NO_CODE = 1005;
var ABNORMAL = 1006;
var REASON_MAX_BYTES = 123;
var TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function SocketState(url) {
  this.url = url;
  this.readyState = CONNECTING;
  this.protocol = '';
  this.binaryType = 'blob';
  this.origin = '';
  this.rid = 0;
  this.epoch = currentEpoch();
  this.call = null;
  this.queue = [];
  this.isSending = false;
  this.buffered = 0;
  /** What close() asked for, until the queue is empty. */
  this.farewell = null;
}

function stateOf(socket) {
  var state = socket === null || typeof socket !== 'object' ? undefined : socket.__H_socket;
  if (state === undefined) throw new TypeError('Illegal invocation: not a WebSocket');
  return state;
}

function syntaxError(message) {
  return new DOMException(message, 'SyntaxError');
}

function parseAddress(text) {
  var url;
  try {
    url = loadUrl().parseUrl(String(text));
  } catch (error) {
    throw syntaxError('WebSocket: not a valid URL: ' + String(text));
  }
  if (url.protocol === 'http:') url.protocol = 'ws:';
  else if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:')
    throw syntaxError('WebSocket: only ws: and wss: addresses, not ' + url.protocol);
  if (url.hash !== '' || url.href.slice(-1) === '#')
    throw syntaxError('WebSocket: an address has no fragment');
  return url;
}

function protocolList(given) {
  var names = [];
  if (given === undefined) return names;
  if (given !== null && typeof given === 'object' && iteratorMethod(given) !== undefined) {
    iterate(given, function (name) {
      names.push(String(name));
    });
  } else {
    names.push(String(given));
  }
  names.forEach(function (name, at) {
    if (!TOKEN.test(name) || names.indexOf(name) !== at)
      throw syntaxError('WebSocket: ' + name + ' is not a protocol or named twice');
  });
  return names;
}

function rethrow(error) {
  throw error;
}

/** An error that nobody listens for, nor for the end that follows, is one of the iteration (RULES 16). */
function tellError(socket, error) {
  var isHeard =
    events.listenerCount(socket, 'error') > 0 || events.listenerCount(socket, 'close') > 0;
  events.fire(socket, new events.ErrorEvent('error', { message: error.message, error: error }));
  if (!isHeard) enqueue(rethrow, error);
}

function end(socket, code, reason, wasClean, error) {
  var state = socket.__H_socket;
  if (state.readyState === CLOSED || state.epoch !== currentEpoch()) return;
  state.readyState = CLOSED;
  state.queue = [];
  if (state.rid !== 0) forgetResource();
  state.rid = 0;
  if (error !== null) tellError(socket, error);
  events.fire(
    socket,
    new events.CloseEvent('close', { wasClean: wasClean, code: code, reason: reason }),
  );
}

function fail(socket, error) {
  end(socket, ABNORMAL, '', false, error);
}

function payloadOf(state, message) {
  var bytes = message.bytes === null ? new NativeBytes(0) : message.bytes;
  if (message.result.type === 'text') return new NativeTextDecoder().decode(bytes);
  if (state.binaryType === 'blob') return loadBlob().makeBlob(bytes, '');
  return bytes.length === bytes.buffer.byteLength
    ? bytes.buffer
    : bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

function receive(socket, message) {
  var state = socket.__H_socket;
  var result = message.result;
  if (result.type === 'close') {
    end(
      socket,
      result.code,
      result.reason,
      result.wasClean,
      result.error === null ? null : namedError('NetworkError', 'WebSocket: ' + result.error),
    );
    return;
  }
  if (state.readyState === OPEN)
    events.fire(
      socket,
      new events.MessageEvent('message', {
        data: payloadOf(state, message),
        origin: state.origin,
      }),
    );
  pullNext(socket);
}

function pullNext(socket) {
  hostCall('SOCKET_NEXT', { rid: socket.__H_socket.rid }, null, function (result, bytes) {
    return { result: result, bytes: bytes };
  }).then(
    function (message) {
      receive(socket, message);
    },
    function (error) {
      fail(socket, error);
    },
  );
}

function sendFarewell(socket) {
  var state = socket.__H_socket;
  var farewell = state.farewell;
  state.farewell = null;
  hostCall(
    'SOCKET_CLOSE',
    { rid: state.rid, code: farewell.code, reason: farewell.reason },
    null,
    null,
  ).then(undefined, function () {});
}

/** One message at a time is with the supervisor. */
function flush(socket) {
  var state = socket.__H_socket;
  var message;
  if (state.isSending || state.rid === 0) return;
  if (state.queue.length === 0) {
    if (state.farewell !== null) sendFarewell(socket);
    return;
  }
  message = state.queue.shift();
  state.isSending = true;
  hostCall('SOCKET_SEND', { rid: state.rid, binary: message.isBinary }, message.bytes, null).then(
    function () {
      state.isSending = false;
      state.buffered -= message.bytes.length;
      flush(socket);
    },
    function (error) {
      state.isSending = false;
      state.buffered -= message.bytes.length;
      // One that is too long; that the socket has closed meanwhile is told by its end.
      if (error.name !== 'RangeError' || state.rid === 0) return;
      state.queue = [];
      state.farewell = { code: NO_CODE, reason: '' };
      if (state.readyState === OPEN) state.readyState = CLOSING;
      tellError(socket, error);
      flush(socket);
    },
  );
}

function connect(socket, url, protocols) {
  var state = socket.__H_socket;
  state.origin = url.origin === 'null' ? url.protocol + '//' + url.host : url.origin;
  state.call = hostCall(
    'SOCKET_CONNECT',
    { url: url.href, protocols: protocols.join(', ') },
    null,
    function (result) {
      state.rid = openResource(result.rid);
      state.protocol = result.protocol;
    },
  );
  state.call.then(
    function () {
      state.call = null;
      if (state.readyState === CONNECTING) {
        state.readyState = OPEN;
        events.fire(socket, new events.Event('open'));
      }
      pullNext(socket);
      flush(socket);
    },
    function (error) {
      state.call = null;
      if (error.name === 'NetworkError')
        error = namedError('NetworkError', 'WebSocket: ' + error.message);
      fail(socket, error);
    },
  );
}

/** The global WebSocket. */
export function WebSocket(url, protocols) {
  var address, names;
  if (!(this instanceof WebSocket)) throw events.needNew('WebSocket');
  events.needArguments(arguments, 1);
  address = parseAddress(url);
  names = protocolList(protocols);
  this.__H_socket = new SocketState(address.href);
  connect(this, address, names);
  return this;
}
WebSocket.prototype = Object.create(events.EventTarget.prototype);
Object.setPrototypeOf(WebSocket, events.EventTarget);

/** @returns {Uint8Array|null} a copy of what a script sends as bytes; null for what is sent as text */
function bytesOf(data) {
  if (data !== null && typeof data === 'object') {
    if (data.__H_blob !== undefined) return data.__H_blob.bytes;
    if (data instanceof ArrayBuffer) return new NativeBytes(data.slice(0));
    if (ArrayBuffer.isView(data))
      return new NativeBytes(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
  }
  return null;
}

function checkFarewell(code, reason) {
  var bytes = reason === undefined ? 0 : new NativeTextEncoder().encode(String(reason)).length;
  if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999))
    throw new DOMException(
      'WebSocket.close: the code is 1000 or from 3000 to 4999, not ' + code,
      'InvalidAccessError',
    );
  if (bytes > REASON_MAX_BYTES)
    throw syntaxError('WebSocket.close: the reason is longer than ' + REASON_MAX_BYTES + ' bytes');
}

methods(
  WebSocket.prototype,
  {
    get url() {
      return stateOf(this).url;
    },
    get readyState() {
      return stateOf(this).readyState;
    },
    get protocol() {
      return stateOf(this).protocol;
    },
    get extensions() {
      stateOf(this);
      return '';
    },
    get bufferedAmount() {
      return stateOf(this).buffered;
    },
    get binaryType() {
      return stateOf(this).binaryType;
    },
    set binaryType(type) {
      if (type === 'blob' || type === 'arraybuffer') stateOf(this).binaryType = type;
    },
    send(data) {
      var state = stateOf(this);
      var bytes, isBinary;
      events.needArguments(arguments, 1);
      if (state.readyState === CONNECTING)
        throw new DOMException('WebSocket.send: not open yet', 'InvalidStateError');
      bytes = bytesOf(data);
      isBinary = bytes !== null;
      if (!isBinary) bytes = new NativeTextEncoder().encode(String(data));
      state.buffered += bytes.length;
      if (state.readyState !== OPEN) return;
      state.queue.push({ isBinary: isBinary, bytes: bytes });
      flush(this);
    },
    close(code, reason) {
      var state = stateOf(this);
      if (code !== undefined) code = Math.trunc(+code) || 0;
      checkFarewell(code, reason);
      if (state.readyState >= CLOSING) return;
      if (state.readyState === CONNECTING) {
        state.readyState = CLOSING;
        cancelCall(state.call);
        return;
      }
      state.readyState = CLOSING;
      state.farewell = {
        code: code === undefined ? NO_CODE : code,
        reason: reason === undefined ? '' : String(reason),
      };
      flush(this);
    },
  },
  { close: 0 },
);
events.handlerAttributes(WebSocket.prototype, ['open', 'message', 'error', 'close']);
constant(WebSocket.prototype, Symbol.toStringTag, 'WebSocket');
['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].forEach(function (name, value) {
  Object.defineProperty(WebSocket, name, { value: value, enumerable: true });
  Object.defineProperty(WebSocket.prototype, name, { value: value, enumerable: true });
});

/** @param {object} global */
export function installWebSocket(global) {
  globalClass(global, 'WebSocket', WebSocket, 1);
}
