/**
 * Cursors: what `for of`, `for await of`, destructuring and spread walk over. Plain arrays and strings are walked by
 * index, everything else by its iterator, which is closed when it is left before its end.
 */
import { isPlainArray, iteratorMethod } from '../iterators.js';
import { ReturnSignal, awaitInCoroutine } from './coroutine.js';

var env;

export function isObject(value) {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

export function notAnObject(result) {
  return new TypeError('Iterator result ' + String(result) + ' is not an object');
}

function describe(value) {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'object')
    return '#<' + ((value.constructor && value.constructor.name) || 'Object') + '>';
  if (typeof value === 'string') return '"' + value + '"';
  return typeof value === 'function' ? String(value) : typeof value + ' ' + String(value);
}

function notIterable(value, shown, isAsync) {
  return new TypeError(
    (shown || describe(value)) + ' is not ' + (isAsync ? 'async ' : '') + 'iterable',
  );
}

/** @param {string} [shown] what the script calls the value, for the error message */
export function getIterator(value, shown) {
  var method = iteratorMethod(value);
  var iterator;
  if (typeof method !== 'function') throw notIterable(value, shown, false);
  iterator = method.call(value);
  if (!isObject(iterator))
    throw new TypeError('Result of the Symbol.iterator method is not an object');
  return iterator;
}

function ArrayCursor(array) {
  this.array = array;
  this.at = 0;
  this.value = undefined;
}
ArrayCursor.prototype.next = function () {
  if (this.at >= this.array.length) return false;
  this.value = this.array[this.at++];
  return true;
};
ArrayCursor.prototype.fail = function (error) {
  throw error;
};
ArrayCursor.prototype.close = function () {};

/** The method `next`, or what throws in its place when it is called. */
function nextOf(iterator) {
  var method = iterator.next;
  if (typeof method === 'function') return method;
  return function () {
    throw new TypeError(describe(method) + ' is not a function');
  };
}

function IteratorCursor(iterator) {
  this.iterator = iterator;
  this.nextMethod = nextOf(iterator);
  this.value = undefined;
  this.isOpen = true;
}
IteratorCursor.prototype.next = function () {
  var result;
  // An iterator that throws is not closed.
  this.isOpen = false;
  result = this.nextMethod.call(this.iterator);
  if (!isObject(result)) throw notAnObject(result);
  if (result.done) return false;
  this.value = result.value;
  this.isOpen = true;
  return true;
};
IteratorCursor.prototype.close = function () {
  var method, result;
  if (!this.isOpen) return;
  this.isOpen = false;
  method = this.iterator.return;
  if (method === undefined || method === null) return;
  result = method.call(this.iterator);
  if (!isObject(result)) throw notAnObject(result);
};
IteratorCursor.prototype.fail = function (error) {
  if (error instanceof ReturnSignal) this.close();
  else closeQuietly(this);
  throw error;
};

function closeQuietly(cursor) {
  try {
    cursor.close();
  } catch (ignored) {
    // The error that made us close the iterator is the one to report.
  }
}

/** @returns {ArrayCursor|IteratorCursor} with next(), value, fail(error), close() */
export function cursor(value, shown) {
  if (isPlainArray(value)) return new ArrayCursor(value);
  return new IteratorCursor(getIterator(value, shown));
}

// for await

function AsyncCursor(iterator) {
  this.iterator = iterator;
  this.nextMethod = nextOf(iterator);
  this.value = undefined;
  this.isOpen = true;
}
AsyncCursor.prototype.next = function () {
  var result;
  this.isOpen = false;
  result = awaitInCoroutine(this.nextMethod.call(this.iterator));
  if (!isObject(result)) throw notAnObject(result);
  if (result.done) return false;
  this.value = result.value;
  this.isOpen = true;
  return true;
};
AsyncCursor.prototype.close = function () {
  var method, result;
  if (!this.isOpen) return;
  this.isOpen = false;
  method = this.iterator.return;
  if (method === undefined || method === null) return;
  result = awaitInCoroutine(method.call(this.iterator));
  if (!isObject(result)) throw notAnObject(result);
};
AsyncCursor.prototype.fail = IteratorCursor.prototype.fail;

/** A sync iterator where an async one is expected: its values are awaited. */
function AsyncFromSync(iterator) {
  this.iterator = iterator;
  this.nextMethod = nextOf(iterator);
}

function Step(promise, done) {
  this.promise = promise;
  this.done = done;
}

function stepFulfilled(value, step) {
  env.resolvePromise(step.promise, { value: value, done: step.done });
}

function stepRejected(reason, step) {
  env.rejectPromise(step.promise, reason);
}

function settleWith(result) {
  var promise = env.pendingPromise();
  if (!isObject(result)) throw notAnObject(result);
  env.performThen(
    env.promiseResolve(result.value),
    stepFulfilled,
    stepRejected,
    new Step(promise, !!result.done),
  );
  return promise;
}

function rejected(error) {
  var promise = env.pendingPromise();
  env.rejectPromise(promise, error);
  return promise;
}

function guarded(self, run, value) {
  try {
    return run(self, value);
  } catch (error) {
    return rejected(error);
  }
}

AsyncFromSync.prototype.next = function (value) {
  return guarded(
    this,
    function (self, sent) {
      return settleWith(self.nextMethod.call(self.iterator, sent));
    },
    value,
  );
};
AsyncFromSync.prototype.return = function (value) {
  return guarded(
    this,
    function (self, sent) {
      var method = self.iterator.return;
      if (method === undefined || method === null) return settleWith({ value: sent, done: true });
      return settleWith(method.call(self.iterator, sent));
    },
    value,
  );
};
AsyncFromSync.prototype.throw = function (value) {
  return guarded(
    this,
    function (self, sent) {
      var method = self.iterator.throw;
      if (method === undefined || method === null) throw sent;
      return settleWith(method.call(self.iterator, sent));
    },
    value,
  );
};

export function getAsyncIterator(value, shown) {
  var method = value === null || value === undefined ? undefined : value[Symbol.asyncIterator];
  var iterator;
  if (method === undefined || method === null) {
    if (value === null || value === undefined || typeof value[Symbol.iterator] !== 'function') {
      throw notIterable(value, shown, true);
    }
    return new AsyncFromSync(getIterator(value, shown));
  }
  iterator = method.call(value);
  if (!isObject(iterator))
    throw new TypeError('Result of the Symbol.asyncIterator method is not an object');
  return iterator;
}

function asyncCursor(value, shown) {
  return new AsyncCursor(getAsyncIterator(value, shown));
}

export function installCursors(lent) {
  env = lent;
  env.hide(env.global, '__cursor', cursor);
  env.hide(env.global, '__asyncCursor', asyncCursor);
}
