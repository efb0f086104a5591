/**
 * Coroutines: what async functions and generators run on. A coroutine is one of the engine's threads; a finished one
 * goes to a small pool and runs the next task, because making a thread costs more than all else about a call.
 *
 * A thread tells its resumer why it stopped through `signal` and `outcome`, which are read at once after the resume, so
 * that neither awaiting nor yielding allocates anything.
 */
export var AWAITING = 1;
export var YIELDED = 2;
export var RETURNED = 3;
export var THREW = 4;

/** Threads kept for the next call. */
var POOL_SIZE = 8;

export var signal = 0;
export var outcome;

var current;
var pool = [];
var newThread;
var resumeThread;
var yieldThread;
var makeReaction;
var awaitAgain;

/** A generator's `return(value)` on its way through the generator's finally blocks. */
export function ReturnSignal(value) {
  this.value = value;
}

function Coroutine() {
  this.thread = newThread(runTasks);
  this.promise = undefined;
  this.generator = undefined;
  this.reaction = makeReaction(onFulfilled, onRejected, this);
}

function runTask(task) {
  try {
    outcome = task();
    signal = RETURNED;
  } catch (error) {
    if (error instanceof ReturnSignal) {
      outcome = error.value;
      signal = RETURNED;
    } else {
      outcome = error;
      signal = THREW;
    }
  }
}

function runTasks(task) {
  for (;;) {
    runTask(task);
    // An idle thread must not keep what its last task closed over.
    task = undefined;
    task = yieldThread();
  }
}

export function acquireCoroutine() {
  return pool.length > 0 ? pool.pop() : new Coroutine();
}

export function releaseCoroutine(coroutine) {
  coroutine.promise = coroutine.generator = undefined;
  if (pool.length < POOL_SIZE) pool[pool.length] = coroutine;
}

/**
 * Runs a coroutine until it awaits, yields or ends: `signal` and `outcome` say which.
 * @returns {boolean} whether its thread can be used again once it has ended
 */
export function resumeCoroutine(coroutine, value, isError) {
  var outer = current;
  var isSound = true;
  current = coroutine;
  try {
    resumeThread(coroutine.thread, value, isError);
  } catch (error) {
    // The engine could not go on with the thread (depth, memory).
    signal = THREW;
    outcome = error;
    isSound = false;
  }
  current = outer;
  return isSound;
}

/** None runs: the runner has undone a turn from outside. */
export function forgetCoroutines() {
  current = undefined;
  outcome = undefined;
}

/** Stops the running coroutine with a value; returns what it is resumed with, or throws that. */
export function yieldCoroutine(value) {
  signal = YIELDED;
  outcome = value;
  return yieldThread();
}

/** The result of the coroutine that just stopped, forgotten here. */
export function takeOutcome() {
  var taken = outcome;
  outcome = undefined;
  return taken;
}

/** `await` inside any coroutine. */
export function awaitInCoroutine(value) {
  if (current === undefined) throw new SyntaxError('await is only valid in async functions');
  awaitAgain(value, current.reaction);
  signal = AWAITING;
  return yieldThread();
}

function onFulfilled(value, coroutine) {
  continueCoroutine(coroutine, value, false);
}

function onRejected(reason, coroutine) {
  continueCoroutine(coroutine, reason, true);
}

function continueCoroutine(coroutine, value, isError) {
  var isSound = resumeCoroutine(coroutine, value, isError);
  if (signal === AWAITING) return;
  if (coroutine.generator !== undefined) coroutine.generator.stopped(isSound);
  else settleAsync(coroutine, isSound);
}

var resolvePromise;
var rejectPromise;
var pendingPromise;

function settleAsync(coroutine, isSound) {
  var promise = coroutine.promise;
  var hasReturned = signal === RETURNED;
  var result = takeOutcome();
  if (isSound) releaseCoroutine(coroutine);
  if (hasReturned) resolvePromise(promise, result);
  else rejectPromise(promise, result);
}

/** Calls of async functions that await something. */
function startAsync(body) {
  var coroutine = acquireCoroutine();
  var promise = (coroutine.promise = pendingPromise());
  continueCoroutine(coroutine, body, false);
  return promise;
}

/** Calls of async functions without any await: no coroutine is needed. */
function runAsyncNow(body) {
  var promise = pendingPromise();
  var result;
  try {
    result = body();
  } catch (error) {
    rejectPromise(promise, error);
    return promise;
  }
  resolvePromise(promise, result);
  return promise;
}

export function installCoroutines(env) {
  var Thread = env.Thread;
  newThread = function (run) {
    return new Thread(run);
  };
  resumeThread = Thread.resume;
  yieldThread = Thread.yield;
  makeReaction = env.makeReaction;
  awaitAgain = env.awaitAgain;
  resolvePromise = env.resolvePromise;
  rejectPromise = env.rejectPromise;
  pendingPromise = env.pendingPromise;
  env.hide(env.global, '__async', startAsync);
  env.hide(env.global, '__asyncNow', runAsyncNow);
  env.hide(env.global, '__await', awaitInCoroutine);
}
