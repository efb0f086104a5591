/**
 * AbortController and AbortSignal. A signal made by AbortSignal.any hears of its sources only while somebody listens
 * to it, and asks them when it is looked at: so a signal that lives long does not gather what was made of it.
 */
import { methods, constant, globalClass, hide } from '../install.js';
import { iterate } from '../iterators.js';
import { DOMException } from '../error.js';
import { currentEpoch } from '../microtasks.js';
import { startTimer, holdTimer } from '../timers.js';
import { onceStopped } from '../iteration.js';
import loadEvents from './event.js?lazy';

var events = loadEvents();

function AbortState() {
  this.isAborted = false;
  this.reason = undefined;
  /** Functions to call at the abort, before the event, each with the iteration that asked for it. */
  this.steps = [];
  /** Signals of AbortSignal.any that listen to this one. */
  this.dependents = [];
  /** For a signal of AbortSignal.any: what it depends on. */
  this.sources = null;
  this.isListening = false;
}

AbortState.prototype.add = addAbortStep;

function illegal() {
  return new TypeError('Illegal constructor');
}

export function AbortSignal() {
  throw illegal();
}
AbortSignal.prototype = Object.create(events.EventTarget.prototype);
Object.setPrototypeOf(AbortSignal, events.EventTarget);

/** @returns {AbortSignal} one that only abortSignal aborts */
export function makeSignal() {
  var signal = Object.create(AbortSignal.prototype);
  signal.__H_abort = new AbortState();
  return signal;
}

function stateOf(signal) {
  var state =
    signal === null || signal === undefined || typeof signal !== 'object'
      ? undefined
      : signal.__H_abort;
  if (state === undefined) throw new TypeError('Illegal invocation: not an AbortSignal');
  if (state.sources !== null && !state.isAborted) askSources(state);
  return state;
}

export function isSignal(value) {
  return value !== null && typeof value === 'object' && value.__H_abort !== undefined;
}

function askSources(state) {
  var sources = state.sources;
  for (var i = 0; i < sources.length; i++) {
    if (stateOf(sources[i]).isAborted) {
      settle(state, sources[i].__H_abort.reason);
      return;
    }
  }
}

function settle(state, reason) {
  state.isAborted = true;
  state.reason = reason;
  state.sources = null;
}

function removeFrom(list, item) {
  var at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

/** Listens to the sources, or stops to, as somebody listens to the signal or nobody does. */
function listenAsNeeded(signal) {
  var state = signal.__H_abort;
  var isWanted;
  if (state.sources === null) return;
  isWanted =
    state.steps.length > 0 ||
    state.dependents.length > 0 ||
    events.listenerCount(signal, 'abort') > 0;
  if (isWanted === state.isListening) return;
  state.isListening = isWanted;
  state.sources.forEach(function (source) {
    var others = source.__H_abort.dependents;
    if (isWanted) others.push(signal);
    else removeFrom(others, signal);
    listenAsNeeded(source);
  });
}
AbortSignal.prototype.__H_listenersChanged = listenAsNeeded;

/**
 * Calls step(reason) at the abort; not if the iteration has ended before.
 * @returns {object} for removeAbortStep
 */
export function addAbortStep(signal, step) {
  var state = signal.__H_abort;
  var entry = { step: step, epoch: currentEpoch() };
  var epoch = entry.epoch;
  state.steps = state.steps.filter(function (other) {
    return other.epoch === epoch;
  });
  state.steps.push(entry);
  listenAsNeeded(signal);
  return entry;
}

export function removeAbortStep(signal, entry) {
  removeFrom(signal.__H_abort.steps, entry);
  listenAsNeeded(signal);
}

function defaultReason() {
  return new DOMException('This operation was aborted', 'AbortError');
}

/** Aborts a signal: its steps, its event, then those of the signals that depend on it. */
export function abortSignal(signal, reason) {
  var affected;
  var state = stateOf(signal);
  if (state.isAborted) return;
  settle(state, reason === undefined ? defaultReason() : reason);
  affected = [signal];
  gather(state, affected);
  affected.forEach(tell);
}

/** All dependents are aborted before the first event is heard. */
function gather(state, affected) {
  var dependents = state.dependents;
  state.dependents = [];
  dependents.forEach(function (signal) {
    if (signal.__H_abort.isAborted) return;
    settle(signal.__H_abort, state.reason);
    affected.push(signal);
    gather(signal.__H_abort, affected);
  });
}

function tell(signal) {
  var state = signal.__H_abort;
  var steps = state.steps;
  var epoch = currentEpoch();
  state.steps = [];
  for (var i = 0; i < steps.length; i++) if (steps[i].epoch === epoch) steps[i].step(state.reason);
  events.fire(signal, new events.Event('abort'));
}

methods(AbortSignal.prototype, {
  get aborted() {
    return stateOf(this).isAborted;
  },
  get reason() {
    return stateOf(this).reason;
  },
  throwIfAborted() {
    var state = stateOf(this);
    if (state.isAborted) throw state.reason;
  },
});
events.handlerAttributes(AbortSignal.prototype, ['abort']);

/** Its own name is the web's, its prototype's the one that the restart rules know (RULES 16). */
function timeoutError() {
  var error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  var prototype = Object.create(DOMException.prototype);
  hide(prototype, 'name', 'RequestTimeout');
  return Object.setPrototypeOf(error, prototype);
}

/** A signal that is aborted as soon as one of `sources` is. */
export function anySignal(sources) {
  var signal = makeSignal();
  var state = signal.__H_abort;
  state.sources = [];
  for (var i = 0; i < sources.length; i++) {
    if (stateOf(sources[i]).isAborted) {
      settle(state, sources[i].__H_abort.reason);
      return signal;
    }
    if (state.sources.indexOf(sources[i]) < 0) state.sources.push(sources[i]);
  }
  return signal;
}

methods(
  AbortSignal,
  {
    abort(reason) {
      var signal = makeSignal();
      settle(signal.__H_abort, reason === undefined ? defaultReason() : reason);
      return signal;
    },
    timeout(ms) {
      var signal, timer;
      events.needArguments(arguments, 1);
      ms = +ms;
      if (!(ms >= 0 && ms <= Number.MAX_SAFE_INTEGER))
        throw new RangeError('The value of "delay" is out of range. Received ' + ms);
      signal = makeSignal();
      timer = startTimer(function () {
        abortSignal(signal, timeoutError());
      }, Math.trunc(ms));
      holdTimer(timer, false);
      return signal;
    },
    any(signals) {
      var sources = [];
      events.needArguments(arguments, 1);
      iterate(signals, function (signal) {
        if (!isSignal(signal))
          throw new TypeError('The "signals" argument must hold instances of AbortSignal');
        sources.push(signal);
      });
      return anySignal(sources);
    },
  },
  { abort: 0 },
);

/** The global AbortController. */
export function AbortController() {
  if (!(this instanceof AbortController)) throw events.needNew('AbortController');
  this.__H_signal = makeSignal();
  return this;
}

methods(
  AbortController.prototype,
  {
    get signal() {
      return this.__H_signal;
    },
    abort(reason) {
      abortSignal(this.__H_signal, reason);
    },
  },
  { abort: 0 },
);

/** @param {object} global gets the classes and `signal`, which is aborted when the worker is being stopped */
export function installAbort(global) {
  var signal = makeSignal();
  globalClass(global, 'AbortController', AbortController, 0);
  globalClass(global, 'AbortSignal', AbortSignal, 0);
  constant(AbortController.prototype, Symbol.toStringTag, 'AbortController');
  constant(AbortSignal.prototype, Symbol.toStringTag, 'AbortSignal');
  hide(global, 'signal', signal);
  onceStopped(function (error) {
    abortSignal(signal, error);
  });
}
