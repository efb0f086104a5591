/**
 * Timers: a binary heap by deadline, then by the order of being set. A timer knows its place in the heap, so that
 * clearing one costs as little as setting it.
 */

/** What browsers and Node allow; longer delays become 1 ms there and here. Stels.sleep is not bound by it. */
var MAX_DELAY_MS = 0x7fffffff;

var heap = [];
var byId = Object.create(null);
var lastId = 0;
var order = 0;
/** The repeating one whose callback runs: it is in no heap then. */
var running = null;
/** How many timers keep the iteration open. */
var holding = 0;

/** The time of the running turn; read once in a turn, so that timers set together stay together. */
var turnNow = -1;
var clock = null;

/** @param {function(): number} mono the monotonic clock in milliseconds */
export function setTimerClock(mono) {
  clock = mono;
}

/** @returns {number} the clock itself, in milliseconds */
export function turnClock() {
  return clock();
}

/** A new turn begins: its time is `now`, or is read when first needed. */
export function beginTurn(now) {
  turnNow = now === undefined ? -1 : now;
}

export function turnTime() {
  if (turnNow < 0) turnNow = clock();
  return turnNow;
}

/** `id` is 0 for the runtime's own, which nothing looks up by number. */
function Timer(id, run, context, delayMs, repeatMs) {
  this.id = id;
  this.deadline = turnTime() + delayMs;
  this.order = ++order;
  this.run = run;
  this.context = context;
  this.repeatMs = repeatMs;
  this.holds = true;
  this.isSet = false;
  this.place = -1;
}

function isBefore(a, b) {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.order < b.order);
}

function rise(timer, place) {
  while (place > 0) {
    var above = (place - 1) >> 1;
    if (!isBefore(timer, heap[above])) break;
    heap[place] = heap[above];
    heap[place].place = place;
    place = above;
  }
  heap[place] = timer;
  timer.place = place;
}

function sink(timer, place) {
  var size = heap.length;
  for (;;) {
    var below = 2 * place + 1;
    if (below >= size) break;
    if (below + 1 < size && isBefore(heap[below + 1], heap[below])) below++;
    if (!isBefore(heap[below], timer)) break;
    heap[place] = heap[below];
    heap[place].place = place;
    place = below;
  }
  heap[place] = timer;
  timer.place = place;
}

function removeAt(place) {
  var last = heap.pop();
  if (place === heap.length) return;
  if (place > 0 && isBefore(last, heap[(place - 1) >> 1])) rise(last, place);
  else sink(last, place);
}

function add(timer) {
  rise(timer, heap.length);
  timer.isSet = true;
  if (timer.id !== 0) byId[timer.id] = timer;
  if (timer.holds) holding++;
}

function drop(timer) {
  if (!timer.isSet) return;
  timer.isSet = false;
  if (timer.id !== 0) delete byId[timer.id];
  if (timer.place >= 0) removeAt(timer.place);
  timer.place = -1;
  if (timer.holds) holding--;
}

/**
 * A timer of the runtime's own, for once.
 * @param {function(object)} run gets `context`
 * @param {number} delayMs at least 0
 * @returns {object} the timer, for cancelTimer
 */
export function startTimer(run, delayMs, context) {
  var timer = new Timer(0, run, context, delayMs, 0);
  add(timer);
  return timer;
}

export function cancelTimer(timer) {
  drop(timer);
}

/** Forgets every timer: the iteration that set them has ended. */
export function clearTimers() {
  for (var i = 0; i < heap.length; i++) {
    heap[i].isSet = false;
    heap[i].context = null;
  }
  if (running !== null) running.isSet = false;
  heap = [];
  byId = Object.create(null);
  holding = 0;
}

/** @returns {number} timers that keep the iteration open */
export function holdingTimers() {
  return holding;
}

/** @returns {number} the next deadline, -1 without timers */
export function nextDeadline() {
  return heap.length === 0 ? -1 : heap[0].deadline;
}

/**
 * Takes the next timer due by `now` and runs it.
 * @returns {boolean} whether one ran
 */
export function runDueTimer(now) {
  var timer = heap[0];
  if (timer === undefined || timer.deadline > now) return false;
  if (timer.repeatMs === 0) {
    drop(timer);
    call(timer);
    return true;
  }
  removeAt(0);
  timer.place = -1;
  running = timer;
  try {
    call(timer);
  } finally {
    running = null;
    // It may have been cleared by its own callback, or dropped with its iteration.
    if (timer.isSet) {
      timer.deadline = turnTime() + timer.repeatMs;
      timer.order = ++order;
      rise(timer, heap.length);
    }
  }
  return true;
}

function call(timer) {
  var run = timer.run;
  if (timer.id === 0) run(timer.context);
  else if (timer.context === null) run();
  else run.apply(undefined, timer.context);
}

function delayOf(value) {
  value = +value;
  return value >= 1 && value <= MAX_DELAY_MS ? Math.trunc(value) : 1;
}

function describe(value) {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'object')
    return 'an instance of ' + ((value.constructor && value.constructor.name) || 'Object');
  return (
    'type ' +
    typeof value +
    ' (' +
    (typeof value === 'string' ? "'" + value + "'" : String(value)) +
    ')'
  );
}

function set(callback, delay, rest, repeats) {
  var timer;
  if (typeof callback !== 'function') {
    throw new TypeError(
      'The "callback" argument must be of type function. Received ' + describe(callback),
    );
  }
  delay = delayOf(delay);
  timer = new Timer(++lastId, callback, rest, delay, repeats ? delay : 0);
  add(timer);
  return timer.id;
}

function listAfterTwo(list) {
  return list.length > 2 ? Array.prototype.slice.call(list, 2) : null;
}

function clear(id) {
  var timer = id === undefined || id === null ? undefined : byId[id];
  if (timer !== undefined) drop(timer);
}

/** The global timer functions; handles are numbers. */
export var timerGlobals = {
  setTimeout(callback, delay) {
    return set(callback, delay, listAfterTwo(arguments), false);
  },
  setInterval(callback, delay) {
    return set(callback, delay, listAfterTwo(arguments), true);
  },
  clearTimeout(id) {
    clear(id);
  },
  clearInterval(id) {
    clear(id);
  },
};

/** Says whether a timer keeps its iteration open. */
export function holdTimer(timer, holds) {
  if (!timer.isSet || timer.holds === holds) return;
  timer.holds = holds;
  holding += holds ? 1 : -1;
}

/** The same for a handle of setTimeout (for Deno.refTimer and Deno.unrefTimer). */
export function holdTimerId(id, holds) {
  var timer = byId[id];
  if (timer !== undefined) holdTimer(timer, holds);
}
