/**
 * Promises. A reaction is what waits for one: handlers, the promise that `then` gave out (or a capability of a
 * subclass) or instead of it a context for the handlers, and the iteration it belongs to.
 */
import { enqueue, epoch } from './microtasks.js';
import { methods, constant } from './install.js';
import { iterate } from './iterators.js';
import { AggregateError } from './error.js';

var PENDING = 0;
var FULFILLED = 1;
var REJECTED = 2;

/** Promises rejected without a handler since the queue was last empty; see takeUnhandled. */
var unhandled = [];

function Reaction(onFulfilled, onRejected, derived, context) {
  this.fulfilled = onFulfilled;
  this.rejected = onRejected;
  this.derived = derived;
  this.context = context;
  this.epoch = epoch;
}

/** The global Promise. */
export function Promise(executor) {
  var functions;
  if (!(this instanceof Promise))
    throw new TypeError("Promise constructor cannot be invoked without 'new'");
  if (typeof executor !== 'function') {
    throw new TypeError('Promise resolver ' + shortName(executor) + ' is not a function');
  }
  this.__H_state = PENDING;
  this.__H_value = undefined;
  functions = resolvingFunctions(this);
  try {
    executor(functions.resolve, functions.reject);
  } catch (error) {
    functions.reject(error);
  }
  return this;
}

function shortName(value) {
  if (value === null || typeof value !== 'object')
    return typeof value === 'symbol' ? value.toString() : '' + value;
  return '#<' + ((value.constructor && value.constructor.name) || 'Object') + '>';
}

function Pending() {
  this.__H_state = PENDING;
  this.__H_value = undefined;
}
Pending.prototype = Promise.prototype;

/** @returns {Promise} a new pending promise, for resolvePromise and rejectPromise */
export function pendingPromise() {
  return new Pending();
}

function isPromise(value) {
  return value instanceof Promise && value.__H_state !== undefined;
}

function resolvingFunctions(promise) {
  var settled = false;
  return {
    resolve(value) {
      if (settled) return;
      settled = true;
      resolvePromise(promise, value);
    },
    reject(reason) {
      if (settled) return;
      settled = true;
      rejectPromise(promise, reason);
    },
  };
}

function schedule(reaction, state, value) {
  enqueue(state === FULFILLED ? runFulfilled : runRejected, reaction, value);
}

function settle(promise, state, value) {
  var reactions = promise.__H_value;
  promise.__H_state = state;
  promise.__H_value = value;
  if (reactions === undefined) {
    if (state === REJECTED) unhandled[unhandled.length] = promise;
  } else if (reactions instanceof Reaction) {
    schedule(reactions, state, value);
  } else {
    for (var i = 0; i < reactions.length; i++) schedule(reactions[i], state, value);
  }
}

/** Rejects a pending promise. */
export function rejectPromise(promise, reason) {
  settle(promise, REJECTED, reason);
}

/** Does what a promise's resolve function does: a thenable is followed, anything else fulfils. */
export function resolvePromise(promise, value) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    settle(promise, FULFILLED, value);
  } else {
    resolveWithObject(promise, value);
  }
}

function resolveWithObject(promise, value) {
  var then;
  if (value === promise) {
    settle(promise, REJECTED, new TypeError('Chaining cycle detected for promise #<Promise>'));
    return;
  }
  try {
    then = value.then;
  } catch (error) {
    settle(promise, REJECTED, error);
    return;
  }
  if (typeof then !== 'function') settle(promise, FULFILLED, value);
  else if (then === promiseThen && isPromise(value)) enqueue(adopt, promise, value);
  else enqueue(runThenable, promise, { value: value, then: then });
}

/** The job for a promise of ours: the same ticks as calling its `then`, without two closures and a promise. */
function adopt(promise, value) {
  performThen(value, adoptValue, adoptReason, promise);
}

function adoptValue(value, promise) {
  resolvePromise(promise, value);
}

function adoptReason(reason, promise) {
  rejectPromise(promise, reason);
}

function runThenable(promise, job) {
  var functions = resolvingFunctions(promise);
  try {
    job.then.call(job.value, functions.resolve, functions.reject);
  } catch (error) {
    functions.reject(error);
  }
}

function runFulfilled(reaction, value) {
  if (reaction.epoch !== epoch) return;
  if (reaction.context !== undefined) reaction.fulfilled(value, reaction.context);
  else if (typeof reaction.fulfilled === 'function')
    runHandler(reaction.fulfilled, value, reaction.derived);
  else settleDerived(reaction.derived, FULFILLED, value);
}

function runRejected(reaction, reason) {
  if (reaction.epoch !== epoch) return;
  if (reaction.context !== undefined) reaction.rejected(reason, reaction.context);
  else if (typeof reaction.rejected === 'function')
    runHandler(reaction.rejected, reason, reaction.derived);
  else settleDerived(reaction.derived, REJECTED, reason);
}

function runHandler(handler, value, derived) {
  var result;
  try {
    result = handler(value);
  } catch (error) {
    settleDerived(derived, REJECTED, error);
    return;
  }
  settleDerived(derived, FULFILLED, result);
}

function settleDerived(derived, state, value) {
  if (derived instanceof Capability) {
    if (state === FULFILLED) derived.resolve(value);
    else derived.reject(value);
  } else if (state === FULFILLED) {
    resolvePromise(derived, value);
  } else {
    rejectPromise(derived, value);
  }
}

function addReaction(promise, reaction) {
  var state = promise.__H_state;
  var reactions = promise.__H_value;
  if (state !== PENDING) {
    if (state === REJECTED) promise.__H_handled = true;
    schedule(reaction, state, reactions);
  } else if (reactions === undefined) {
    promise.__H_value = reaction;
  } else if (reactions instanceof Reaction) {
    promise.__H_value = [reactions, reaction];
  } else {
    reactions[reactions.length] = reaction;
  }
}

/** Calls onFulfilled(value, context) or onRejected(reason, context) in a microtask; they must not throw. */
export function performThen(promise, onFulfilled, onRejected, context) {
  addReaction(promise, new Reaction(onFulfilled, onRejected, undefined, context));
}

/** What `await` does with its operand; see env.js. */
export function awaitValue(value, onFulfilled, onRejected, context) {
  var reaction = new Reaction(onFulfilled, onRejected, undefined, context);
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    enqueue(runFulfilled, reaction, value);
  } else {
    addReaction(promiseResolve(value), reaction);
  }
}

/**
 * A reaction for `awaitAgain`: a coroutine waits for one thing at a time, so that one does for all its awaits.
 * The handlers must not throw.
 */
export function makeReaction(onFulfilled, onRejected, context) {
  return new Reaction(onFulfilled, onRejected, undefined, context);
}

/** Does what awaitValue does, with a reaction that waits for nothing else. */
export function awaitAgain(value, reaction) {
  reaction.epoch = epoch;
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    enqueue(runFulfilled, reaction, value);
  } else {
    addReaction(promiseResolve(value), reaction);
  }
}

/** @returns {Promise} the value itself if it is a plain promise, else a promise resolved with it */
export function promiseResolve(value) {
  var promise;
  if (isPromise(value) && value.constructor === Promise) return value;
  promise = new Pending();
  resolvePromise(promise, value);
  return promise;
}

/** A promise of any constructor with its two functions. */
function Capability(Constructor) {
  var self = this;
  var executor = {
    executor(resolve, reject) {
      if (self.resolve !== undefined || self.reject !== undefined) {
        throw new TypeError(
          'Promise executor has already been invoked with non-undefined arguments',
        );
      }
      self.resolve = resolve;
      self.reject = reject;
    },
  }.executor;
  this.resolve = undefined;
  this.reject = undefined;
  this.promise = new Constructor(executor);
  if (typeof this.resolve !== 'function' || typeof this.reject !== 'function') {
    throw new TypeError('Promise resolve or reject function is not callable');
  }
}

function newCapability(Constructor) {
  if (typeof Constructor !== 'function')
    throw new TypeError(shortName(Constructor) + ' is not a constructor');
  return new Capability(Constructor);
}

function resolveWith(Constructor, value) {
  var capability;
  if (Constructor === Promise) return promiseResolve(value);
  if (isPromise(value) && value.constructor === Constructor) return value;
  capability = newCapability(Constructor);
  capability.resolve(value);
  return capability.promise;
}

function speciesOf(constructor) {
  if (constructor === Promise || constructor === undefined) return Promise;
  constructor = constructor[Symbol.species];
  return constructor === null ? undefined : constructor;
}

var prototypeMethods = {
  then(onFulfilled, onRejected) {
    var derived, constructor;
    if (!isPromise(this)) {
      throw new TypeError(
        'Method Promise.prototype.then called on incompatible receiver ' + shortName(this),
      );
    }
    constructor = speciesOf(this.constructor);
    if (constructor === Promise || constructor === undefined) derived = new Pending();
    else derived = newCapability(constructor);
    addReaction(this, new Reaction(onFulfilled, onRejected, derived, undefined));
    return derived instanceof Capability ? derived.promise : derived;
  },
  catch(onRejected) {
    return this.then(undefined, onRejected);
  },
  finally(onFinally) {
    var constructor = this.constructor || Promise;
    var steps;
    if (typeof onFinally !== 'function') return this.then(onFinally, onFinally);
    steps = {
      passValue(value) {
        var result = onFinally();
        return resolveWith(constructor, result).then(function () {
          return value;
        });
      },
      passReason(reason) {
        var result = onFinally();
        return resolveWith(constructor, result).then(function () {
          throw reason;
        });
      },
    };
    return this.then(steps.passValue, steps.passReason);
  },
};
methods(Promise.prototype, prototypeMethods);
constant(Promise.prototype, Symbol.toStringTag, 'Promise');
var promiseThen = prototypeMethods.then;

/** What all, allSettled and any keep while they wait. */
function Gathering(capability) {
  this.capability = capability;
  this.values = [];
  this.left = 1;
}

function gathered(gathering) {
  if (--gathering.left === 0) gathering.finish();
}

/**
 * The common part of the combinators: passes each element's promise to `each(next, index, gathering)`.
 * An iterator that throws rejects; a step that throws closes the iterator as well.
 */
function gather(Constructor, iterable, finish, each) {
  var capability = newCapability(Constructor);
  var gathering = new Gathering(capability);
  gathering.finish = finish;
  try {
    var resolve = Constructor.resolve;
    var index = 0;
    if (typeof resolve !== 'function')
      throw new TypeError('Promise resolve or reject function is not callable');
    iterate(
      iterable,
      {
        step(value) {
          gathering.values[index] = undefined;
          gathering.left++;
          each(
            resolve === promiseStatics.resolve
              ? resolveWith(Constructor, value)
              : resolve.call(Constructor, value),
            index++,
            gathering,
          );
        },
      }.step,
    );
    gathered(gathering);
  } catch (error) {
    capability.reject(error);
  }
  return capability.promise;
}

/** Calls next.then with functions that run only once, whatever a foreign thenable does. */
function thenOnce(next, onFulfilled, onRejected, gathering, index) {
  var called = false;
  var steps = {
    fulfilled(value) {
      if (called) return;
      called = true;
      onFulfilled(value, gathering, index);
    },
    rejected(reason) {
      if (called) return;
      called = true;
      onRejected(reason, gathering, index);
    },
  };
  next.then(
    onFulfilled ? steps.fulfilled : gathering.capability.resolve,
    onRejected ? steps.rejected : gathering.capability.reject,
  );
}

function fulfilWithValues() {
  this.capability.resolve(this.values);
}

function rejectWithReasons() {
  this.capability.reject(new AggregateError(this.values, 'All promises were rejected'));
}

function keep(value, gathering, index) {
  gathering.values[index] = value;
  gathered(gathering);
}

function keepFulfilled(value, gathering, index) {
  keep({ status: 'fulfilled', value: value }, gathering, index);
}

function keepRejected(reason, gathering, index) {
  keep({ status: 'rejected', reason: reason }, gathering, index);
}

var promiseStatics = {
  resolve(value) {
    if (this === null || (typeof this !== 'object' && typeof this !== 'function')) {
      throw new TypeError('PromiseResolve called on non-object');
    }
    return resolveWith(this, value);
  },
  reject(reason) {
    var capability = newCapability(this);
    capability.reject(reason);
    return capability.promise;
  },
  all(iterable) {
    return gather(this, iterable, fulfilWithValues, function (next, index, gathering) {
      thenOnce(next, keep, null, gathering, index);
    });
  },
  allSettled(iterable) {
    return gather(this, iterable, fulfilWithValues, function (next, index, gathering) {
      thenOnce(next, keepFulfilled, keepRejected, gathering, index);
    });
  },
  any(iterable) {
    return gather(this, iterable, rejectWithReasons, function (next, index, gathering) {
      thenOnce(next, null, keep, gathering, index);
    });
  },
  race(iterable) {
    return gather(this, iterable, nothing, function (next, index, gathering) {
      next.then(gathering.capability.resolve, gathering.capability.reject);
    });
  },
};
methods(Promise, promiseStatics);

function nothing() {}

/**
 * Promises that were rejected since the last call and still have no handler. Called when the queue is empty.
 * @returns {Promise[]} usually empty
 */
export function takeUnhandled() {
  var found = unhandled;
  if (found.length === 0) return found;
  unhandled = [];
  return found.filter(function (promise) {
    return promise.__H_handled !== true;
  });
}

/** @returns {*} why a promise was rejected */
export function rejectionReason(promise) {
  return promise.__H_value;
}

/** Installs Promise[Symbol.species] apart, because the symbol comes later than this module. */
export function installPromiseSpecies(species) {
  var getter = {
    get [0]() {
      return this;
    },
  };
  Object.defineProperty(Promise, species, {
    get: Object.getOwnPropertyDescriptor(getter, 0).get,
    enumerable: false,
    configurable: true,
  });
}
