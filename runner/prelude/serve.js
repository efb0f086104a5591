/**
 * Deno.serve. The supervisor listens; requests are pulled in batches (SERVE_NEXT) and answered in batches, an answer
 * with a long body in pieces. A waiting pull keeps the iteration open, as an open server does (RULES 12). What amid
 * answers null to is over: the server was shut down, or the worker is being stopped.
 */
import { methods, hide } from './install.js';
import { hostCall, holdCall, openResource, closeResource } from './requests.js';
import {
  Promise,
  pendingPromise,
  resolvePromise,
  rejectPromise,
  promiseResolve,
  performThen,
} from './promise.js';
import { DOMException } from './error.js';
import { optionsOf } from './serve-options.js';
import { NativeBytes, NativeTextEncoder } from './natives.js';
import { atTurnEnd, isStopRequested } from './iteration.js';
import { send, LEVELS } from './logger.js';
import loadFailure from './failure.js?lazy';
import loadHttp from './web/http.js?lazy';
import loadAbort from './web/abort.js?lazy';

/** How a request's body comes: supervisor/broker/broker_serve_next.c. */
var BODY_HERE = 1;
var BODY_TO_READ = 2;
/** A text up to this long travels inside the JSON. */
var TEXT_MAX = 16384;
/** Longer content is written in pieces of this many bytes. */
var PIECE_BYTES = 131072;
/** Answers go out once this many bytes of them wait: a frame holds 1 MiB. */
var WAITING_BYTES = 524288;
/** RFC 9110: never with a body. */
var BODILESS = { 204: true, 205: true, 304: true };

function Server(options, handler) {
  this.handler = handler;
  this.options = options;
  this.hostname = options.hostname;
  this.port = options.port;
  this.rid = 0;
  /** Requests being handled, by number. */
  this.inHand = Object.create(null);
  this.count = 0;
  this.pull = null;
  this.holds = true;
  this.isShut = false;
  this.isOver = false;
  this.finished = pendingPromise();
  /** Answers of this turn, and the bytes that go with them. */
  this.answers = [];
  this.pieces = [];
  this.bytes = 0;
  this.isFlushing = false;
  this.wantsNext = false;
}

/** A request in a handler's hands. */
function Entry(server, id, request) {
  this.server = server;
  this.id = id;
  this.request = request;
  this.content = null;
  this.isGone = false;
  this.isHead = false;
}

function ignore() {}

function logFailure(error) {
  send(LEVELS.error, ['Deno.serve: ' + loadFailure().describeFailure(error).stack]);
}

// --- answers ---

function joined(server) {
  var all, at;
  if (server.pieces.length === 0) return null;
  if (server.pieces.length === 1) return server.pieces[0];
  all = new NativeBytes(server.bytes);
  at = 0;
  for (var i = 0; i < server.pieces.length; i++) {
    all.set(server.pieces[i], at);
    at += server.pieces[i].length;
  }
  return all;
}

/** Sends what this turn has answered, and asks for more if nobody asks yet. */
function flush(server) {
  var answers = server.answers;
  var data = joined(server);
  server.isFlushing = false;
  if (server.rid === 0) return;
  server.answers = [];
  server.pieces = [];
  server.bytes = 0;
  if (server.wantsNext && !server.isOver) {
    server.wantsNext = false;
    server.pull = hostCall(
      'SERVE_NEXT',
      { rid: server.rid, answers: answers },
      data,
      batchOf,
      server.holds,
    );
    performThen(server.pull, taken, pullFailed, server);
  } else if (answers.length > 0) {
    performThen(
      hostCall('SERVE_RESPOND', { rid: server.rid, answers: answers }, data, null),
      ignore,
      respondFailed,
      server,
    );
  }
  finishIfDone(server);
}

function flushLater(server) {
  if (server.isFlushing) return;
  server.isFlushing = true;
  atTurnEnd(flush, server);
}

function respondFailed(error) {
  logFailure(error);
}

function leave(entry) {
  var server = entry.server;
  if (server.inHand[entry.id] !== entry) return;
  delete server.inHand[entry.id];
  server.count--;
  if (server.count === 0 && server.isOver) flushLater(server);
}

function pushAnswer(entry, status, headers, body) {
  var server = entry.server;
  server.answers.push([entry.id, status, headers.join('\n'), headers.length / 2, body]);
  flushLater(server);
}

function whole(entry, status, headers, content) {
  var server = entry.server;
  if (typeof content === 'string') {
    if (content.length <= TEXT_MAX && content.indexOf('\0') < 0) {
      pushAnswer(entry, status, headers, content);
      leave(entry);
      return;
    }
    content = new NativeTextEncoder().encode(content);
  }
  if (content.length > PIECE_BYTES) {
    begin(entry, status, headers, pieceSource(content), content.length);
    return;
  }
  if (server.bytes + content.length > WAITING_BYTES) flush(server);
  server.pieces.push(content);
  server.bytes += content.length;
  pushAnswer(entry, status, headers, content.length);
  leave(entry);
}

/** Long bytes as a source of short ones. */
function pieceSource(bytes) {
  var at = 0;
  return {
    pull() {
      var piece = at < bytes.length ? bytes.subarray(at, at + PIECE_BYTES) : null;
      at += PIECE_BYTES;
      return promiseResolve(piece);
    },
    cancel() {
      bytes = new NativeBytes(0);
      return promiseResolve();
    },
  };
}

function hasLength(headers) {
  for (var i = 0; i < headers.length; i += 2) if (headers[i] === 'content-length') return true;
  return false;
}

/** The head goes out at once, the body as it comes. */
function begin(entry, status, headers, source, length) {
  if (length >= 0 && !hasLength(headers))
    headers = headers.concat('content-length', String(length));
  entry.content = source;
  pushAnswer(entry, status, headers, true);
  flush(entry.server);
  pump(entry);
}

function pump(entry) {
  var pulled;
  try {
    pulled = promiseResolve(entry.content.pull());
  } catch (error) {
    breakOff(error, entry);
    return;
  }
  performThen(pulled, pumpPiece, breakOff, entry);
}

function write(entry, piece, end, cut) {
  return hostCall(
    'SERVE_WRITE',
    { rid: entry.server.rid, id: entry.id, end: end, cut: cut },
    piece,
    null,
  );
}

function pumpPiece(piece, entry) {
  if (entry.isGone) return;
  if (piece === null) {
    performThen(write(entry, null, true, false), ignore, ignore, entry);
    leave(entry);
  } else if (piece.length > PIECE_BYTES) {
    writeLong(entry, piece, 0);
  } else {
    performThen(write(entry, piece, false, false), pumpOn, writeFailed, entry);
  }
}

function writeLong(entry, bytes, at) {
  if (at >= bytes.length) {
    pump(entry);
    return;
  }
  performThen(
    write(entry, bytes.subarray(at, at + PIECE_BYTES), false, false),
    function () {
      if (!entry.isGone) writeLong(entry, bytes, at + PIECE_BYTES);
    },
    writeFailed,
    entry,
  );
}

function pumpOn(_, entry) {
  if (!entry.isGone) pump(entry);
}

function cancelContent(entry, reason) {
  var content = entry.content;
  entry.content = null;
  if (content === null) return;
  try {
    performThen(promiseResolve(content.cancel(reason)), ignore, ignore, entry);
  } catch (error) {
    ignore(error);
  }
}

/** The client has gone: nobody's fault. A body that is not what its head said is the script's. */
function writeFailed(error, entry) {
  if (error.name === 'NetworkError') {
    // Told here before the pull tells it.
    clientGone(entry.server, entry.id);
    return;
  }
  logFailure(error);
  cancelContent(entry, error);
  leave(entry);
}

/** The script's body fails in the middle: the client must see that it is not whole. */
function breakOff(error, entry) {
  if (!entry.isGone) {
    logFailure(error);
    performThen(write(entry, null, false, true), ignore, ignore, entry);
  }
  entry.content = null;
  leave(entry);
}

function refuse(entry, status, text) {
  pushAnswer(entry, status, ['content-type', 'text/plain;charset=UTF-8'], text);
  leave(entry);
}

function respond(response, entry) {
  var http = loadHttp();
  var parts, content;
  if (entry.isGone) {
    if (http.isResponse(response)) dropResponse(response);
    return;
  }
  if (!http.isResponse(response)) {
    failed(new TypeError('The handler of Deno.serve returned no Response'), entry);
    return;
  }
  try {
    parts = http.responseParts(response);
  } catch (error) {
    failed(error, entry);
    return;
  }
  content = parts.content;
  if (parts.status < 200) {
    failed(new TypeError('A Response of status ' + parts.status + ' cannot be sent'), entry);
  } else if (content === null || BODILESS[parts.status] === true) {
    pushAnswer(entry, parts.status, parts.headers, null);
    leave(entry);
  } else if (typeof content === 'string' || content instanceof NativeBytes) {
    whole(entry, parts.status, parts.headers, content);
  } else if (entry.isHead) {
    entry.content = content;
    cancelContent(entry, undefined);
    pushAnswer(entry, parts.status, parts.headers, null);
    leave(entry);
  } else {
    begin(entry, parts.status, parts.headers, content, -1);
  }
}

function dropResponse(response) {
  var entry = new Entry(null, 0, null);
  try {
    entry.content = loadHttp().responseParts(response).content;
    if (typeof entry.content.cancel === 'function') cancelContent(entry, undefined);
  } catch (error) {
    ignore(error);
  }
}

// --- requests ---

/** The second argument of handlers. */
function Info(peer) {
  this.__H_peer = peer;
}

methods(Info.prototype, {
  get remoteAddr() {
    var peer = this.__H_peer;
    var at = peer.lastIndexOf(':');
    return {
      transport: 'tcp',
      hostname: peer.slice(0, at).replace(/^\[|\]$/g, ''),
      port: +peer.slice(at + 1),
    };
  },
});

function bodySource(entry) {
  return {
    pull() {
      return hostCall('SERVE_BODY', { rid: entry.server.rid, id: entry.id }, null, pieceOf);
    },
    cancel() {
      return promiseResolve();
    },
  };
}

function pieceOf(isEnd, data) {
  return isEnd ? null : data;
}

/** A handler's own error: onError may make an answer of it; without one it is logged and the client told no more. */
function failed(error, entry) {
  var onError = entry.server.options.onError;
  if (entry.isGone) return;
  if (
    isStopRequested() &&
    error !== null &&
    typeof error === 'object' &&
    error.name === 'AbortError'
  ) {
    refuse(entry, 503, 'Service Unavailable');
    return;
  }
  if (typeof onError !== 'function') {
    failedForGood(error, entry);
    return;
  }
  try {
    performThen(promiseResolve(onError(error)), answerOfError, failedForGood, entry);
  } catch (second) {
    failedForGood(second, entry);
  }
}

function answerOfError(response, entry) {
  if (loadHttp().isResponse(response)) respond(response, entry);
  else failedForGood(new TypeError('onError of Deno.serve returned no Response'), entry);
}

function failedForGood(error, entry) {
  if (entry.isGone) return;
  logFailure(error);
  refuse(entry, 500, 'Internal Server Error');
}

/** item: see broker_serve_next.c. */
function handle(server, item, data, at) {
  var http = loadHttp();
  var content = item[5] === BODY_HERE ? data.subarray(at, at + item[6]) : null;
  var entry = new Entry(server, item[0], null);
  var result;
  if (item[5] === BODY_TO_READ) content = bodySource(entry);
  entry.request = http.makeRequest(
    item[1],
    item[2],
    item[3] === '' ? [] : item[3].split('\n'),
    content,
  );
  entry.isHead = item[1] === 'HEAD';
  server.inHand[entry.id] = entry;
  server.count++;
  try {
    result = server.handler(entry.request, new Info(item[4]));
  } catch (error) {
    failed(error, entry);
    return;
  }
  if (http.isResponse(result)) respond(result, entry);
  else performThen(promiseResolve(result), respond, failed, entry);
}

function clientGone(server, id) {
  var entry = server.inHand[id];
  var reason;
  if (entry === undefined) return;
  reason = new DOMException('The client has gone', 'AbortError');
  entry.isGone = true;
  loadHttp().abortRequest(entry.request, reason);
  cancelContent(entry, reason);
  leave(entry);
}

function batchOf(result, data) {
  return { batch: result, data: data };
}

function taken(answer, server) {
  var batch = answer.batch;
  var at = 0;
  server.pull = null;
  if (batch === null) {
    server.isOver = true;
    finishIfDone(server);
    return;
  }
  server.wantsNext = true;
  flushLater(server);
  for (var i = 0; i < batch[1].length; i++) clientGone(server, batch[1][i]);
  for (i = 0; i < batch[0].length; i++) {
    // A handler that begins now could not wait for anything: the next process does better.
    if (isStopRequested()) server.answers.push([batch[0][i][0], 0, '', 0, false]);
    else handle(server, batch[0][i], answer.data, at);
    at += batch[0][i][6];
  }
}

function pullFailed(error, server) {
  server.pull = null;
  server.isOver = true;
  if (server.rid === 0) return;
  server.rid = 0;
  rejectPromise(server.finished, error);
}

function finishIfDone(server) {
  if (!server.isOver || server.count > 0 || server.rid === 0 || server.answers.length > 0) return;
  closeResource(server.rid);
  server.rid = 0;
  resolvePromise(server.finished, undefined);
}

// --- the server ---

function listening(result, server) {
  server.rid = openResource(result.rid);
  server.port = result.port;
  server.hostname = result.hostname;
  server.wantsNext = true;
  flush(server);
  if (server.isShut) tellShutdown(server);
  if (typeof server.options.onListen !== 'function') return;
  try {
    server.options.onListen(addressOf(server));
  } catch (error) {
    // As if thrown by the script itself: it is an error of the iteration.
    Promise.reject(error);
  }
}

function notListening(error, server) {
  server.isOver = true;
  rejectPromise(server.finished, error);
}

function addressOf(server) {
  return { transport: 'tcp', hostname: server.hostname, port: server.port };
}

function tellShutdown(server) {
  performThen(hostCall('SERVE_SHUTDOWN', { rid: server.rid }, null, null), ignore, ignore, server);
}

function shutdown(server) {
  if (server.isShut) return;
  server.isShut = true;
  if (server.rid !== 0) tellShutdown(server);
}

/** What Deno.serve returns. */
function HttpServer(server) {
  this.__H_server = server;
}

methods(HttpServer.prototype, {
  get finished() {
    return this.__H_server.finished;
  },
  get addr() {
    return addressOf(this.__H_server);
  },
  shutdown() {
    shutdown(this.__H_server);
    return this.__H_server.finished;
  },
  ref() {
    hold(this.__H_server, true);
  },
  unref() {
    hold(this.__H_server, false);
  },
});

function hold(server, holds) {
  server.holds = holds;
  if (server.pull !== null) holdCall(server.pull, holds);
}

function followSignal(server, signal) {
  if (signal === undefined || signal === null) return;
  if (signal.aborted) shutdown(server);
  else
    loadAbort().addAbortStep(signal, function () {
      shutdown(server);
    });
}

/** The function Deno.serve: (handler), (options, handler), (handler, options) or ({handler, …}). */
export function serve(first, second) {
  var handler = typeof first === 'function' ? first : second;
  var given = typeof first === 'function' ? second : first;
  var server, options;
  if (given === undefined || given === null) given = {};
  if (handler === undefined) handler = given.handler;
  if (typeof handler !== 'function')
    throw new TypeError('Deno.serve: a handler function is required');
  options = optionsOf(given);
  server = new Server(options, handler);
  performThen(
    hostCall('SERVE_LISTEN', { port: options.port, hostname: options.hostname }, null, null),
    listening,
    notListening,
    server,
  );
  followSignal(server, options.signal);
  return new HttpServer(server);
}

hide(HttpServer.prototype, Symbol.toStringTag, 'HttpServer');
if (Symbol.asyncDispose !== undefined)
  hide(HttpServer.prototype, Symbol.asyncDispose, HttpServer.prototype.shutdown);
