/**
 * The microtask queue. A job is three slots of one array: a function and its two arguments. The array is filled at
 * the tail, read at the head and starts again at 0 whenever it runs empty, so nothing is ever shifted.
 */

/** Slots the array may keep once it is empty; a burst beyond that gives its memory back. */
var KEEP_SLOTS = 3 * 256;
/** Read slots that are worth moving the rest down for while a queue never runs empty. */
var COMPACT_SLOTS = 3 * 4096;
/** The clock is read every so many jobs at most; jobs that take long make it read after each. */
var MAX_STRIDE = 64;

var slots = [];
var head = 0;
var tail = 0;

/** Counts iterations: what an ended one left in promises is never run again (RULES 12). */
export var epoch = 0;

/** @returns {number} the running iteration's, for modules that are loaded later */
export function currentEpoch() {
  return epoch;
}

export function nextEpoch() {
  epoch++;
  clearMicrotasks();
}

/** Puts run(a, b) at the end of the queue. */
export function enqueue(run, a, b) {
  slots[tail] = run;
  slots[tail + 1] = a;
  slots[tail + 2] = b;
  tail += 3;
}

export function clearMicrotasks() {
  slots = [];
  head = tail = 0;
}

function compact() {
  slots = slots.slice(head, tail);
  tail -= head;
  head = 0;
}

function next() {
  var at = head;
  var run = slots[at];
  var a = slots[at + 1];
  var b = slots[at + 2];
  slots[at] = slots[at + 1] = slots[at + 2] = undefined;
  head = at + 3;
  if (head === tail) {
    head = tail = 0;
    if (slots.length > KEEP_SLOTS) slots = [];
  } else if (head >= COMPACT_SLOTS) {
    compact();
  }
  run(a, b);
}

function runUntil(deadline, now) {
  var stride = 1;
  var left = 1;
  var before = deadline === Infinity ? 0 : now();
  var time;
  while (tail !== 0) {
    next();
    if (--left === 0) {
      time = now();
      if (time >= deadline) return;
      stride = time - before < 1 ? (stride < MAX_STRIDE ? stride * 2 : stride) : 1;
      before = time;
      left = stride;
    }
  }
}

/**
 * Runs microtasks until none is left or the budget is used up.
 * @param {number} budgetMs
 * @param {function(): number} now a monotonic clock in milliseconds
 * @param {function(*)} uncaught gets what a queueMicrotask callback throws
 * @returns {boolean} whether microtasks are left
 */
export function drainMicrotasks(budgetMs, now, uncaught) {
  var deadline;
  if (tail === 0) return false;
  deadline = now() + budgetMs;
  while (tail !== 0) {
    try {
      runUntil(deadline, now);
      break;
    } catch (error) {
      uncaught(error);
    }
  }
  return tail !== 0;
}

function runCallback(callback) {
  callback();
}

/** The global queueMicrotask. */
export function queueMicrotask(callback) {
  if (typeof callback !== 'function') {
    throw new TypeError(
      'The "callback" argument must be of type function. Received ' + String(callback),
    );
  }
  enqueue(runCallback, callback);
}
