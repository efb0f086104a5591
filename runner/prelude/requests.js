/**
 * Host calls in flight: each has the id that the host gave it and the promise that its answer settles; and the
 * resources that this iteration holds open in the supervisor.
 */
import { pendingPromise, resolvePromise, rejectPromise, Promise } from './promise.js';
import { namedError } from './error.js';

var host = null;
// Taken now: a script may replace the one it sees.
var stringify = JSON.stringify;
var waiting = Object.create(null);
/** Calls that keep the iteration open; all uniform calls; open resources. */
var count = 0;
var calls = 0;
var resources = 0;

/** @param {object} functions the host's */
export function setRequestHost(functions) {
  host = functions;
}

function enlist(id, convert, holds, isCall) {
  var promise = pendingPromise();
  waiting[id] = { promise: promise, convert: convert, holds: holds, isCall: isCall };
  if (holds) count++;
  if (isCall) calls++;
  return promise;
}

/**
 * @param {number} id what the host function returned
 * @param {function(*): *} convert makes the script's value of the host's result; null passes it on
 * @returns {Promise}
 */
export function awaitReply(id, convert) {
  return enlist(id, convert, true, false);
}

/** Bytes that come from the host have the methods of typed arrays once these are installed. */
function convertCall(answer, convert) {
  if (answer.data !== null) void globalThis.Uint8Array;
  return convert === null ? answer.result : convert(answer.result, answer.data);
}

/**
 * A call of the uniform kind: see proto/message.h, PROTO_CALLS.
 * @param {string} name as there
 * @param {object} args plain JSON
 * @param {?Uint8Array} data
 * @param {?function(*, ?Uint8Array): *} convert makes the script's value of result and data; null = the result
 * @param {boolean=} holds false: the call alone does not keep the iteration open
 * @returns {Promise} rejects with an error of the name that the supervisor gave
 */
export function hostCall(name, args, data, convert, holds) {
  var id;
  try {
    id = host.call(name, stringify(args), data);
  } catch (error) {
    return Promise.reject(error);
  }
  return enlist(
    id,
    {
      take(answer) {
        return convertCall(answer, convert);
      },
    }.take,
    holds !== false,
    true,
  );
}

function idOf(promise) {
  for (var id in waiting) if (waiting[id].promise === promise) return +id;
  return 0;
}

/** Asks the supervisor to let go of a call; its promise still settles, as an AbortError unless it was done already. */
export function cancelCall(promise) {
  var id = idOf(promise);
  if (id !== 0) host.cancel(id);
}

/** Says whether a call under way keeps the iteration open. */
export function holdCall(promise, holds) {
  var entry = waiting[idOf(promise)];
  if (entry === undefined || entry.holds === holds) return;
  entry.holds = holds;
  count += holds ? 1 : -1;
}

/** Says that a call has opened a resource, which the end of the iteration then closes. */
export function openResource(rid) {
  resources++;
  return rid;
}

/** Lets go of a resource; once for each that was opened. */
export function closeResource(rid) {
  resources--;
  host.closeResource(rid);
}

/** One that the supervisor says is closed already. */
export function forgetResource() {
  resources--;
}

/** The host's answer. One to a question of an ended iteration finds nobody. */
export function settleReply(id, error, result) {
  var entry = waiting[id];
  if (entry === undefined) return;
  delete waiting[id];
  if (entry.holds) count--;
  if (entry.isCall) calls--;
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

/** Forgets the answers that an ended iteration waited for, and closes what it left open. */
export function clearRequests() {
  if (calls > 0 || resources > 0) host.closeResource(0);
  waiting = Object.create(null);
  count = 0;
  calls = 0;
  resources = 0;
}
