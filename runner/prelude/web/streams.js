/**
 * ReadableStream with its default reader. Bodies of requests and responses come as *sources*, objects with
 * `pull(): Promise<Uint8Array|null>` and `cancel(reason)`: nothing is pulled before somebody reads. Streams of bytes
 * take and give Uint8Arrays; readers that bring their own buffer do not exist.
 */
import { methods, symbolMethod, constant, globalClass } from '../install.js';
import { asyncIteratorPrototype, iteratorMethod } from '../iterators.js';
import { Promise, pendingPromise, resolvePromise, rejectPromise, performThen } from '../promise.js';
import { notSupported } from '../absent.js';
import {
  READABLE,
  StreamState,
  nothing,
  isObject,
  newClosed,
  quiet,
  desiredSize,
  canTake,
  failStream,
  requestClose,
  closeStream,
  enqueueChunk,
  copyOf,
  asBytes,
  begin,
  cancelStream,
  readChunk,
} from './stream-state.js';

function needState(stream) {
  var state = isObject(stream) ? stream.__H_stream : undefined;
  if (state === undefined) throw new TypeError('Illegal invocation: not a ReadableStream');
  return state;
}

function Controller(state) {
  this.__H_controlled = state;
}

export { copyOf };

function controlled(controller) {
  var state = isObject(controller) ? controller.__H_controlled : undefined;
  if (state === undefined)
    throw new TypeError('Illegal invocation: not a ReadableStreamDefaultController');
  return state;
}

function needOpen(state) {
  if (!canTake(state)) throw new TypeError('Invalid state: Controller is already closed');
}

methods(
  Controller.prototype,
  {
    get desiredSize() {
      return desiredSize(controlled(this));
    },
    get byobRequest() {
      return controlled(this).isBytes ? null : undefined;
    },
    close() {
      var state = controlled(this);
      needOpen(state);
      requestClose(state);
    },
    enqueue(chunk) {
      var state = controlled(this);
      if (state.isBytes) chunk = asBytes(chunk);
      needOpen(state);
      enqueueChunk(state, chunk);
    },
    error(error) {
      failStream(error, controlled(this));
    },
  },
  { enqueue: 0, error: 0 },
);

function strategyOf(strategy, fallback) {
  var hwm = isObject(strategy) ? strategy.highWaterMark : undefined;
  if (hwm === undefined) return fallback;
  hwm = +hwm;
  if (!(hwm >= 0)) throw new RangeError("The property 'strategy.highWaterMark' is invalid");
  return hwm;
}

function sizeFunction(strategy) {
  var size = isObject(strategy) ? strategy.size : undefined;
  if (size !== undefined && typeof size !== 'function')
    throw new TypeError('The "strategy.size" property must be of type function');
  return size === undefined ? null : size;
}

function methodOf(source, name) {
  var method = source[name];
  if (method === undefined || method === null) return null;
  if (typeof method !== 'function')
    throw new TypeError('The "source.' + name + '" property must be of type function');
  return method;
}

/** The script's underlying source behind the stream. */
function connect(state, source) {
  var controller = new Controller(state);
  var start = methodOf(source, 'start');
  var pull = methodOf(source, 'pull');
  var cancel = methodOf(source, 'cancel');
  if (pull !== null) {
    state.pull = function () {
      return pull.call(source, controller);
    };
  }
  if (cancel !== null) {
    state.cancel = function (reason) {
      return cancel.call(source, reason);
    };
  }
  begin(state, start === null ? undefined : start.call(source, controller));
}

/** The global ReadableStream. */
export function ReadableStream(source, strategy) {
  var isBytes, state;
  if (!(this instanceof ReadableStream))
    throw new TypeError("Class constructor ReadableStream cannot be invoked without 'new'");
  if (source === undefined) source = {};
  if (!isObject(source)) throw new TypeError('The "source" argument must be of type object');
  isBytes = source.type !== undefined && String(source.type) === 'bytes';
  if (source.type !== undefined && !isBytes)
    throw new TypeError("The property 'source.type' is invalid");
  state = new StreamState(strategyOf(strategy, isBytes ? 0 : 1), sizeFunction(strategy), isBytes);
  this.__H_stream = state;
  connect(state, source);
  return this;
}

function makeStream(state) {
  var stream = Object.create(ReadableStream.prototype);
  stream.__H_stream = state;
  return stream;
}

/** @returns {ReadableStream} of bytes, over a source; see the first lines */
export function streamOf(source) {
  var state = new StreamState(0, null, true);
  state.isStarted = true;
  state.pull = function () {
    return source.pull().then(function (chunk) {
      if (!canTake(state)) return;
      if (chunk === null) {
        requestClose(state);
      } else {
        void globalThis.Uint8Array;
        enqueueChunk(state, chunk);
      }
    });
  };
  state.cancel = function (reason) {
    return source.cancel(reason);
  };
  return makeStream(state);
}

export function isStream(value) {
  return isObject(value) && value.__H_stream !== undefined;
}

/** Marks a stream as read to its end. */
export function spend(stream) {
  stream.__H_stream.isDisturbed = true;
  closeStream(stream.__H_stream);
}

export function isLocked(stream) {
  return stream.__H_stream.reader !== null;
}

export function isDisturbed(stream) {
  return stream.__H_stream.isDisturbed;
}

export function ReadableStreamDefaultReader(stream) {
  var state = needState(stream);
  if (state.reader !== null) throw new TypeError('Invalid state: ReadableStream is locked');
  state.reader = this;
  state.closed = newClosed(state);
  this.__H_reading = state;
  this.__H_closed = state.closed;
  return this;
}

function release(reader) {
  var state = reader.__H_reading;
  var reads = state.reads;
  var error = new TypeError('Invalid state: Releasing reader');
  state.reads = [];
  for (var i = 0; i < reads.length; i++) rejectPromise(reads[i], error);
  if (state.state !== READABLE) {
    reader.__H_closed = pendingPromise();
    quiet(reader.__H_closed);
  }
  rejectPromise(reader.__H_closed, error);
  state.reader = null;
  state.closed = null;
  reader.__H_reading = null;
}

function released() {
  return Promise.reject(new TypeError('Invalid state: The reader is not attached to a stream'));
}

methods(
  ReadableStreamDefaultReader.prototype,
  {
    read() {
      return this.__H_reading === null ? released() : readChunk(this.__H_reading);
    },
    releaseLock() {
      if (this.__H_reading !== null) release(this);
    },
    cancel(reason) {
      return this.__H_reading === null ? released() : cancelStream(this.__H_reading, reason);
    },
    get closed() {
      return this.__H_closed;
    },
  },
  { cancel: 0 },
);

function StreamIterator(stream, keeps) {
  this.__H_iterated = new ReadableStreamDefaultReader(stream);
  this.__H_keeps = keeps;
  this.__H_going = null;
}
StreamIterator.prototype = Object.create(asyncIteratorPrototype);

function done(value) {
  return { value: value, done: true };
}

function nextOf(iterator) {
  var reader = iterator.__H_iterated;
  if (reader.__H_reading === null) return Promise.resolve(done(undefined));
  return reader.read().then(
    function (result) {
      if (result.done) release(reader);
      return result;
    },
    function (error) {
      release(reader);
      throw error;
    },
  );
}

function returnOf(iterator, value) {
  var reader = iterator.__H_iterated;
  var state = reader.__H_reading;
  if (state === null) return Promise.resolve(done(value));
  release(reader);
  if (iterator.__H_keeps) return Promise.resolve(done(value));
  return cancelStream(state, value).then(function () {
    return done(value);
  });
}

/** Steps of an iterator happen one after the other, however they are asked for. */
function inTurn(iterator, step) {
  var result = iterator.__H_going === null ? step() : iterator.__H_going.then(step, step);
  iterator.__H_going = result;
  return result;
}

methods(StreamIterator.prototype, {
  next() {
    var iterator = this;
    return inTurn(iterator, function () {
      return nextOf(iterator);
    });
  },
  return(value) {
    var iterator = this;
    return inTurn(iterator, function () {
      return returnOf(iterator, value);
    });
  },
});

/** Two streams that give the chunks of one; the slower one keeps what it has not read. */
export function tee(stream) {
  var reader = new ReadableStreamDefaultReader(stream);
  var from = stream.__H_stream;
  var canceled = [false, false];
  var reasons = [undefined, undefined];
  var finished = pendingPromise();
  var branches = [new StreamState(1, null, false), new StreamState(1, null, false)];
  var isReading = false;
  var readsAgain = false;

  function pull() {
    if (isReading) {
      readsAgain = true;
      return undefined;
    }
    isReading = true;
    performThen(reader.read(), deliver, nothing, reader);
    return undefined;
  }
  function deliver(result) {
    isReading = false;
    branches.forEach(function (branch, i) {
      if (canceled[i] || !canTake(branch)) return;
      if (result.done) requestClose(branch);
      else enqueueChunk(branch, i === 1 && from.isBytes ? copyOf(result.value) : result.value);
    });
    if (result.done && !(canceled[0] && canceled[1])) resolvePromise(finished, undefined);
    if (readsAgain && !result.done) {
      readsAgain = false;
      pull();
    }
  }
  branches.forEach(function (branch, i) {
    branch.pull = pull;
    branch.cancel = function (reason) {
      canceled[i] = true;
      reasons[i] = reason;
      if (canceled[1 - i]) resolvePromise(finished, cancelStream(from, reasons));
      return finished;
    };
    begin(branch, undefined);
  });
  performThen(
    reader.closed,
    nothing,
    function (error) {
      branches.forEach(function (branch) {
        failStream(error, branch);
      });
      if (!(canceled[0] && canceled[1])) resolvePromise(finished, undefined);
    },
    reader,
  );
  return branches.map(makeStream);
}

/** ReadableStream.from: an iterable's values. */
function fromIterable(iterable) {
  var method = isObject(iterable) ? iterable[Symbol.asyncIterator] : undefined;
  var state = new StreamState(0, null, false);
  var iterator;
  if (method === undefined || method === null) method = iteratorMethod(iterable);
  if (typeof method !== 'function') throw new TypeError('The "iterable" argument is not iterable');
  iterator = method.call(iterable);
  state.isStarted = true;
  state.pull = function () {
    return Promise.resolve(iterator.next()).then(function (result) {
      if (!isObject(result)) throw new TypeError('The iterator result is not an object');
      if (result.done) {
        requestClose(state);
        return undefined;
      }
      return Promise.resolve(result.value).then(function (value) {
        if (canTake(state)) enqueueChunk(state, value);
      });
    });
  };
  state.cancel = function (reason) {
    var end = iterator.return;
    return end === undefined ? undefined : end.call(iterator, reason);
  };
  return makeStream(state);
}

methods(
  ReadableStream.prototype,
  {
    get locked() {
      return needState(this).reader !== null;
    },
    cancel(reason) {
      var state;
      try {
        state = needState(this);
        if (state.reader !== null) throw new TypeError('Invalid state: ReadableStream is locked');
      } catch (error) {
        return Promise.reject(error);
      }
      return cancelStream(state, reason);
    },
    getReader(options) {
      var mode = isObject(options) ? options.mode : undefined;
      needState(this);
      if (mode !== undefined)
        throw notSupported("ReadableStream.getReader({mode: '" + mode + "'})");
      return new ReadableStreamDefaultReader(this);
    },
    tee() {
      needState(this);
      return tee(this);
    },
    values(options) {
      needState(this);
      return new StreamIterator(this, isObject(options) && !!options.preventCancel);
    },
    pipeTo() {
      throw notSupported('ReadableStream.pipeTo');
    },
    pipeThrough() {
      throw notSupported('ReadableStream.pipeThrough');
    },
  },
  { cancel: 0, getReader: 0, values: 0 },
);
symbolMethod(
  ReadableStream.prototype,
  Symbol.asyncIterator,
  'values',
  ReadableStream.prototype.values,
);
methods(ReadableStream, { from: fromIterable });

/** @param {object} global */
export function installStreams(global) {
  globalClass(global, 'ReadableStream', ReadableStream, 0);
  globalClass(global, 'ReadableStreamDefaultReader', ReadableStreamDefaultReader, 1);
  globalClass(global, 'ReadableStreamDefaultController', Controller, 0);
  constant(ReadableStream.prototype, Symbol.toStringTag, 'ReadableStream');
  constant(
    ReadableStreamDefaultReader.prototype,
    Symbol.toStringTag,
    'ReadableStreamDefaultReader',
  );
}
