/**
 * The life of a worker inside its runner: iterations, their end, errors, and the stop (RULES 12, 13, 16, 18).
 *
 *   idle ──run──► running ──ended well──► (loop) paused ──delay over──► running …
 *                    │                    (single) idle
 *                    └──error──► idle, until the host says run again
 *   any ──stop──► stopping: the body may still come to its end; then host.stopped()
 */
import { nextEpoch, drainMicrotasks, clearMicrotasks } from './microtasks.js';
import { promiseResolve, performThen, takeUnhandled, rejectionReason } from './promise.js';
import {
  beginTurn,
  turnTime,
  clearTimers,
  holdingTimers,
  nextDeadline,
  runDueTimer,
  setTimerClock,
} from './timers.js';
import { requestsInFlight, clearRequests, settleReply } from './requests.js';
import loadFailure from './failure.js?lazy';

/** RULES 19: a drain gives way to the event loop after this. */
var DRAIN_BUDGET_MS = 50;
/** No more timers than this in one turn. */
var TIMERS_PER_TURN = 1000;

var IDLE = 0;
var RUNNING = 1;
var PAUSED = 2;
var STOPPED = 3;

// Taken now: a script may replace the one it sees.
var stringify = JSON.stringify;
var host = null;
var body = null;
var settings = { mode: 'loop', delayMs: 100 };
var state = IDLE;
var isStopping = false;
var isBodyDone = false;
var resumeAt = -1;
var iterations = 0;
var ticks = 0;
var stopListeners = [];
/** The script's own for SIGTERM. They outlive their iteration's good end until the next one begins, so that a stop in
 * the pause between two finds them. */
var signalListeners = [];
var stopError = null;
var tellSignal = null;
/** Pairs of function and context. */
var turnEnds = [];

/** @param {object} functions the host's */
export function setIterationHost(functions) {
  host = functions;
  setTimerClock(host.mono);
}

export function loadBody(compiled) {
  body = compiled;
}

/** @param {{mode: string, delayMs: number}} changes applied to what comes next */
export function configureIteration(changes) {
  if (changes.mode !== undefined) settings.mode = changes.mode;
  if (changes.delayMs !== undefined) {
    if (state === PAUSED) resumeAt += changes.delayMs - settings.delayMs;
    settings.delayMs = changes.delayMs;
  }
}

export function isStopRequested() {
  return isStopping;
}

/** Counts a return from Stels.sleep; `while (true)` workers show their progress so. */
export function countTick() {
  ticks++;
  host.progress(iterations, ticks);
}

/** @param {{stop: function(Error)}} listener told once when the stop comes */
export function onStop(listener) {
  stopListeners[stopListeners.length] = listener;
}

export function removeStopListener(listener) {
  var at = stopListeners.length - 1;
  if (at < 0) return;
  // Nearly always the one that came last.
  if (stopListeners[at] === listener) {
    stopListeners.length = at;
    return;
  }
  at = stopListeners.indexOf(listener);
  if (at >= 0) stopListeners.splice(at, 1);
}

/** @param {function(Error)} tell called at the stop, whichever iteration runs then: the global `signal` */
export function onceStopped(tell) {
  if (isStopping) tell(stopError);
  else tellSignal = tell;
}

/** @param {function()} listener of Deno.addSignalListener('SIGTERM'); one that is there already counts once */
export function addSignalListener(listener) {
  if (signalListeners.indexOf(listener) < 0) signalListeners.push(listener);
}

export function removeSignalListener(listener) {
  var at = signalListeners.indexOf(listener);
  if (at >= 0) signalListeners.splice(at, 1);
}

/** Begins an iteration now. */
export function runIteration() {
  if (isStopping || state === RUNNING || state === STOPPED) return;
  beginTurn();
  start();
}

function start() {
  var result;
  nextEpoch();
  state = RUNNING;
  resumeAt = -1;
  isBodyDone = false;
  signalListeners = [];
  host.iterationStart();
  try {
    result = body();
  } catch (error) {
    fail(error);
    return;
  }
  performThen(promiseResolve(result), bodyDone, bodyFailed, settings);
}

function bodyDone() {
  isBodyDone = true;
}

function bodyFailed(reason) {
  fail(reason);
}

/** Drops what the ended iteration left: its timers, questions, listeners and microtasks. */
function dropRest() {
  nextEpoch();
  clearTimers();
  clearRequests();
  takeUnhandled();
  stopListeners = [];
  turnEnds = [];
  isBodyDone = true;
}

function isOfStop(error) {
  if (!isStopping || error === null || typeof error !== 'object') return false;
  return error === stopError || error.cause === stopError || error.name === 'AbortError';
}

/** An error of the running iteration; the first one ends it. */
export function fail(error) {
  if (state !== RUNNING) return;
  if (isStopping) {
    failStop(error);
    return;
  }
  // Described first: that may run the script's own getters, while this is still its iteration.
  var text = stringify(loadFailure().describeFailure(error));
  dropRest();
  signalListeners = [];
  state = IDLE;
  iterations++;
  host.progress(iterations, ticks);
  host.iterationEnd(false, text);
}

function failStop(error) {
  if (!isOfStop(error)) {
    host.log(3, 'Error while stopping: ' + loadFailure().describeFailure(error).stack, null);
  } else if (signalListeners.length > 0) {
    // The body heeds the stop; what the listeners began may take the time that is left.
    isBodyDone = true;
    return;
  }
  finishStop();
}

function succeed() {
  dropRest();
  if (isStopping) {
    finishStop();
    return;
  }
  iterations++;
  host.progress(iterations, ticks);
  if (settings.mode === 'single') {
    signalListeners = [];
    state = IDLE;
  } else {
    state = PAUSED;
    resumeAt = turnTime() + settings.delayMs;
  }
  host.iterationEnd(true, null);
}

function finishStop() {
  dropRest();
  state = STOPPED;
  clearMicrotasks();
  host.stopped();
}

function isWaiting() {
  return holdingTimers() > 0 || requestsInFlight() > 0;
}

/** Called whenever no microtask is left: rejections nobody handles, then the end of the iteration. */
function afterDrain() {
  var unhandled = takeUnhandled();
  if (state !== RUNNING) return;
  for (var i = 0; i < unhandled.length && state === RUNNING; i++) {
    var reason = rejectionReason(unhandled[i]);
    if (!isOfStop(reason)) fail(reason);
  }
  if (state !== RUNNING || isWaiting()) return;
  if (isBodyDone) succeed();
  else if (isStopping) finishStop();
  else if (nextDeadline() < 0)
    fail(new Error('The script awaits a promise that nothing can settle any more'));
}

/** Calls fn(context) once the microtasks of this turn have run: for what gathers what they bring. */
export function atTurnEnd(fn, context) {
  turnEnds.push(fn, context);
}

function runTurnEnds() {
  var list = turnEnds;
  turnEnds = [];
  for (var i = 0; i < list.length; i += 2) list[i](list[i + 1]);
}

/** @returns {boolean} whether microtasks are left */
export function drain(budgetMs) {
  if (drainMicrotasks(budgetMs, host.mono, fail)) return true;
  while (turnEnds.length > 0) {
    runTurnEnds();
    if (drainMicrotasks(budgetMs, host.mono, fail)) return true;
  }
  afterDrain();
  return false;
}

/** @returns {number} when timers are to be run next, -1 for never */
function nextWake() {
  var deadline = nextDeadline();
  if (resumeAt >= 0 && (deadline < 0 || resumeAt < deadline)) return resumeAt;
  return deadline;
}

/** Runs what is due; between two callbacks their microtasks. */
export function runTimers(now) {
  beginTurn(now);
  if (drain(DRAIN_BUDGET_MS)) return nextWake();
  if (resumeAt >= 0 && resumeAt <= now) {
    start();
    if (drain(DRAIN_BUDGET_MS)) return nextWake();
  }
  for (var count = 0; count < TIMERS_PER_TURN; count++) {
    if (!runOne(now) || drain(DRAIN_BUDGET_MS)) break;
  }
  return nextWake();
}

function runOne(now) {
  try {
    return runDueTimer(now);
  } catch (error) {
    fail(error);
    return true;
  }
}

/** A stop is asked for: listeners are told; what is idle stops at once. */
export function stopIteration(error) {
  var listeners = stopListeners;
  if (isStopping) return;
  beginTurn();
  isStopping = true;
  stopError = error;
  stopListeners = [];
  resumeAt = -1;
  if (state === PAUSED && signalListeners.length > 0) state = RUNNING;
  if (state !== RUNNING) {
    finishStop();
    return;
  }
  callSignalListeners(signalListeners.slice());
  for (var i = 0; i < listeners.length; i++) listeners[i].stop(error);
  if (tellSignal !== null && state === RUNNING) tellSignal(error);
}

function callSignalListeners(list) {
  for (var i = 0; i < list.length && state === RUNNING; i++) {
    try {
      list[i]();
    } catch (error) {
      fail(error);
    }
  }
}

/** Deno.exit (RULES 18): a good end with 0, else a critical error; while stopping, the end of the stop. */
export function exitIteration(code) {
  if (state !== RUNNING) return;
  beginTurn();
  if (code === 0) succeed();
  else fail(new Error('Deno.exit(' + code + ') was called'));
}

/** The host's answer to a question. */
export function receiveReply(id, error, result) {
  beginTurn();
  settleReply(id, error, result);
}
