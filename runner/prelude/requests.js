/** Host calls in flight: each has the id that the host gave it and the promise that its answer settles. */
import { pendingPromise, resolvePromise, rejectPromise } from './promise.js';
import { namedError } from './error.js';

var waiting = Object.create(null);
var count = 0;

/**
 * @param {number} id what the host function returned
 * @param {function(*): *} convert makes the script's value of the host's result; null passes it on
 * @returns {Promise}
 */
export function awaitReply(id, convert) {
  var promise = pendingPromise();
  waiting[id] = { promise: promise, convert: convert };
  count++;
  return promise;
}

/** The host's answer. One to a question of an ended iteration finds nobody. */
export function settleReply(id, error, result) {
  var entry = waiting[id];
  if (entry === undefined) return;
  delete waiting[id];
  count--;
  if (error) {
    rejectPromise(entry.promise, namedError(error.name || 'Error', error.message || ''));
    return;
  }
  try {
    resolvePromise(entry.promise, entry.convert === null ? result : entry.convert(result));
  } catch (failure) {
    rejectPromise(entry.promise, failure);
  }
}

export function requestsInFlight() {
  return count;
}

/** Forgets the answers that an ended iteration waited for. */
export function clearRequests() {
  waiting = Object.create(null);
  count = 0;
}
