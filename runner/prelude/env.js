/**
 * What the prelude lends to `lang/` (coroutines and the helpers that generated code calls).
 *
 * - Subclassing: every constructor of ours accepts being called as `_super.call(this, …)` on an object that inherits
 *   from its prototype; it then initialises and returns that object (Error, Date: returns a native object that has
 *   the caller's prototype).
 * - Strings ask an object argument of match, matchAll, replace, replaceAll, search and split for the well-known
 *   symbol methods first, so a regular expression that is not the engine's own only has to have those.
 * - Iterators of ours and of generated code inherit from `iteratorPrototype` / `asyncIteratorPrototype`.
 */
import { enqueue } from './microtasks.js';
import {
  Promise,
  pendingPromise,
  resolvePromise,
  rejectPromise,
  promiseResolve,
  performThen,
  awaitValue,
  makeReaction,
  awaitAgain,
} from './promise.js';
import { iteratorPrototype, asyncIteratorPrototype, makeIteratorPrototype } from './iterators.js';
import { methods, hide, symbolMethod, constant } from './install.js';

/**
 * @param {object} global
 * @param {Function} Thread Duktape.Thread, which scripts do not see
 */
export function makeEnv(global, Thread) {
  return {
    global: global,
    /** Duktape.Thread: `new Thread(fn)`, `Thread.resume(thread, value, isError)`, `Thread.yield(value)`. */
    Thread: Thread,
    /** enqueue(fn, a, b): fn(a, b) becomes a microtask of the running iteration. */
    enqueue: enqueue,
    Promise: Promise,
    /** pendingPromise() → a new pending promise; settle it with the next two. */
    pendingPromise: pendingPromise,
    /** resolvePromise(promise, value): what a promise's own resolve function does (thenables are followed). */
    resolvePromise: resolvePromise,
    rejectPromise: rejectPromise,
    /** promiseResolve(value) → the value itself if it is a promise, else a promise resolved with it. */
    promiseResolve: promiseResolve,
    /** performThen(promise, onFulfilled, onRejected, context): handlers get (value, context); no derived promise. */
    performThen: performThen,
    /** awaitValue(value, onFulfilled, onRejected, context): `await`, in the same number of ticks as elsewhere.
     * The handlers must not throw. They are not called any more once the iteration has ended. */
    awaitValue: awaitValue,
    /** makeReaction(onFulfilled, onRejected, context) and awaitAgain(value, reaction): the same without allocating. */
    makeReaction: makeReaction,
    awaitAgain: awaitAgain,
    iteratorPrototype: iteratorPrototype,
    asyncIteratorPrototype: asyncIteratorPrototype,
    /** makeIteratorPrototype(tag, next) → an object that inherits from iteratorPrototype. */
    makeIteratorPrototype: makeIteratorPrototype,
    /** methods(target, {name() {}}, {name: length}): not enumerable, without prototype objects. */
    methods: methods,
    hide: hide,
    symbolMethod: symbolMethod,
    constant: constant,
  };
}
