/** Array.fromAsync. */
import { methods } from './install.js';
import { lengthOf, requireFunction, isConstructor, setAt } from './array.js';
import {
  Promise,
  pendingPromise,
  performThen,
  rejectPromise,
  resolvePromise,
  awaitValue,
} from './promise.js';

/** One running Array.fromAsync: pull a value, await it, map it, await that, store it. */
function AsyncFrom(result, Constructor, mapper, thisArgument) {
  this.result = result;
  this.Constructor = Constructor;
  this.mapper = mapper;
  this.thisArgument = thisArgument;
  this.index = 0;
  this.iterator = null;
  this.isAsync = false;
}

methods(AsyncFrom.prototype, {
  start(items) {
    var method;
    if (items === null || items === undefined)
      throw new TypeError(String(items) + ' is not iterable');
    method = items[Symbol.asyncIterator];
    this.isAsync = method !== undefined && method !== null;
    if (!this.isAsync) method = items[Symbol.iterator];
    if (method === undefined || method === null) {
      this.source = Object(items);
      this.length = lengthOf(this.source);
      this.to = this.Constructor === Array ? [] : new this.Constructor(this.length);
    } else {
      this.iterator = method.call(items);
      this.to = this.Constructor === Array ? [] : new this.Constructor();
    }
    this.pull();
  },
  pull() {
    var next;
    if (this.iterator === null) {
      if (this.index >= this.length) this.finish();
      else awaitValue(this.source[this.index], this.guard(this.map), this.guard(this.fail), this);
      return;
    }
    next = this.iterator.next();
    if (this.isAsync) awaitValue(next, this.guard(this.take), this.guard(this.fail), this);
    else this.take(next);
  },
  take(result) {
    if (result === null || typeof result !== 'object') {
      throw new TypeError('Iterator result ' + String(result) + ' is not an object');
    }
    if (result.done) this.finish();
    else if (this.isAsync) this.map(result.value);
    else awaitValue(result.value, this.guard(this.map), this.guard(this.fail), this);
  },
  map(value) {
    if (this.mapper === undefined) {
      this.store(value);
    } else {
      value = this.mapper.call(this.thisArgument, value, this.index);
      awaitValue(value, this.guard(this.store), this.guard(this.fail), this);
    }
  },
  store(value) {
    setAt(this.to, this.index++, value);
    this.pull();
  },
  finish() {
    this.to.length = this.index;
    resolvePromise(this.result, this.to);
  },
  fail(reason) {
    throw reason;
  },
  /** A handler for awaitValue: what the step throws closes the iterator and rejects. */
  guard(step) {
    return function (value, self) {
      try {
        step.call(self, value);
      } catch (error) {
        self.abandon(error);
      }
    };
  },
  abandon(error) {
    var result = this.result;
    try {
      if (this.iterator !== null && typeof this.iterator.return === 'function') {
        performThen(Promise.resolve(this.iterator.return()), ignore, ignore, this);
      }
    } catch (failure) {
      // The first error is the one to report.
    }
    rejectPromise(result, error);
  },
});

function ignore() {}

/** @this {Function} the constructor to make the list with */
export function fromAsync(items, mapper, thisArgument) {
  var result = pendingPromise();
  try {
    if (mapper !== undefined) requireFunction(mapper);
    new AsyncFrom(result, isConstructor(this) ? this : Array, mapper, thisArgument).start(items);
  } catch (error) {
    rejectPromise(result, error);
  }
  return result;
}
