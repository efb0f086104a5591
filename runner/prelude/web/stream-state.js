/**
 * What happens inside a ReadableStream: its queue, when it asks for more, how it closes, fails and is cancelled. The
 * classes that scripts see are in streams.js.
 */
import {
  Promise,
  pendingPromise,
  resolvePromise,
  rejectPromise,
  promiseResolve,
  performThen,
} from '../promise.js';
import { NativeBytes } from '../natives.js';

export var READABLE = 0;
var CLOSED = 1;
var ERRORED = 2;

export function StreamState(hwm, size, isBytes) {
  this.state = READABLE;
  this.error = undefined;
  this.isDisturbed = false;
  /** The reader that has the stream, its unanswered reads, its promise `closed`. */
  this.reader = null;
  this.reads = [];
  this.closed = null;
  this.queue = [];
  this.total = 0;
  this.hwm = hwm;
  this.size = size;
  this.isBytes = isBytes;
  this.isStarted = false;
  this.isClosing = false;
  this.isPulling = false;
  this.pullsAgain = false;
  this.pull = null;
  this.cancel = null;
}

export function nothing() {}

export function isObject(value) {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

/** A promise that nobody needs to handle. */
export function quiet(promise) {
  performThen(promise, nothing, nothing, nothing);
  return promise;
}

export function newClosed(state) {
  var promise = pendingPromise();
  if (state.state === CLOSED) resolvePromise(promise, undefined);
  else if (state.state === ERRORED) rejectPromise(promise, state.error);
  return quiet(promise);
}

export function desiredSize(state) {
  if (state.state === ERRORED) return null;
  return state.state === CLOSED ? 0 : state.hwm - state.total;
}

export function canTake(state) {
  return state.state === READABLE && !state.isClosing;
}

function wantsMore(state) {
  return canTake(state) && state.isStarted && (state.reads.length > 0 || desiredSize(state) > 0);
}

function pullIfNeeded(state) {
  var pulled;
  if (!wantsMore(state) || state.pull === null) return;
  if (state.isPulling) {
    state.pullsAgain = true;
    return;
  }
  state.isPulling = true;
  try {
    pulled = promiseResolve(state.pull());
  } catch (error) {
    pulled = pendingPromise();
    rejectPromise(pulled, error);
  }
  performThen(pulled, afterPull, failStream, state);
}

function afterPull(_, state) {
  state.isPulling = false;
  if (!state.pullsAgain) return;
  state.pullsAgain = false;
  pullIfNeeded(state);
}

function dropWork(state) {
  state.pull = null;
  state.cancel = null;
  state.size = null;
}

export function failStream(error, state) {
  var reads = state.reads;
  if (state.state !== READABLE) return;
  state.queue = [];
  state.total = 0;
  state.state = ERRORED;
  state.error = error;
  state.reads = [];
  dropWork(state);
  for (var i = 0; i < reads.length; i++) rejectPromise(reads[i], error);
  if (state.closed !== null) rejectPromise(state.closed, error);
}

export function closeStream(state) {
  var reads = state.reads;
  if (state.state !== READABLE) return;
  state.state = CLOSED;
  state.reads = [];
  dropWork(state);
  for (var i = 0; i < reads.length; i++) resolvePromise(reads[i], { value: undefined, done: true });
  if (state.closed !== null) resolvePromise(state.closed, undefined);
}

export function requestClose(state) {
  state.isClosing = true;
  if (state.queue.length === 0) closeStream(state);
}

function sizeOf(state, chunk) {
  var size;
  if (state.size === null) return state.isBytes ? chunk.byteLength : 1;
  size = +state.size.call(undefined, chunk);
  if (!(size >= 0 && size < Infinity))
    throw new RangeError("The argument 'size' is invalid. Received " + size);
  return size;
}

export function enqueueChunk(state, chunk) {
  var size;
  if (state.reads.length > 0) {
    resolvePromise(state.reads.shift(), { value: chunk, done: false });
  } else {
    try {
      size = sizeOf(state, chunk);
    } catch (error) {
      failStream(error, state);
      throw error;
    }
    state.queue.push({ chunk: chunk, size: size });
    state.total += size;
  }
  pullIfNeeded(state);
}

/** A copy that the producer cannot write to any more, as the standard's transfer gives. */
export function asBytes(chunk) {
  if (!ArrayBuffer.isView(chunk) && !(chunk instanceof ArrayBuffer))
    throw new TypeError('The "chunk" argument must be an ArrayBuffer or a view of one');
  return copyOf(chunk);
}

/** @returns {Uint8Array} the bytes of a buffer or a view of one, copied */
export function copyOf(value) {
  var view = ArrayBuffer.isView(value)
    ? new NativeBytes(value.buffer, value.byteOffset, value.byteLength)
    : new NativeBytes(value);
  // Scripts get it: its methods are those of ES2022 once the global has been looked at.
  void globalThis.Uint8Array;
  return new NativeBytes(view);
}

export function begin(state, started) {
  performThen(promiseResolve(started), onStarted, failStream, state);
}

function onStarted(_, state) {
  state.isStarted = true;
  pullIfNeeded(state);
}

export function cancelStream(state, reason) {
  var cancel = state.cancel;
  var done;
  state.isDisturbed = true;
  if (state.state === CLOSED) return Promise.resolve();
  if (state.state === ERRORED) return Promise.reject(state.error);
  state.queue = [];
  state.total = 0;
  closeStream(state);
  try {
    done = cancel === null ? undefined : cancel(reason);
  } catch (error) {
    return Promise.reject(error);
  }
  return Promise.resolve(done).then(nothing);
}

export function readChunk(state) {
  var promise = pendingPromise();
  var item;
  state.isDisturbed = true;
  if (state.state === CLOSED) {
    resolvePromise(promise, { value: undefined, done: true });
  } else if (state.state === ERRORED) {
    rejectPromise(promise, state.error);
  } else if (state.queue.length > 0) {
    item = state.queue.shift();
    state.total -= item.size;
    if (state.isClosing && state.queue.length === 0) closeStream(state);
    else pullIfNeeded(state);
    resolvePromise(promise, { value: item.chunk, done: false });
  } else {
    state.reads.push(promise);
    pullIfNeeded(state);
  }
  return promise;
}
