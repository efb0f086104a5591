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

function Timer(deadline, run, list, repeatMs) {
  this.id = ++lastId;
  this.deadline = deadline;
  this.order = ++order;
  this.run = run;
  this.list = list;
  this.repeatMs = repeatMs;
  this.holds = true;
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
  byId[timer.id] = timer;
  if (timer.holds) holding++;
}

function drop(timer) {
  if (byId[timer.id] !== timer) return;
  delete byId[timer.id];
  if (timer.place >= 0) removeAt(timer.place);
  timer.place = -1;
  if (timer.holds) holding--;
}

/**
 * @param {function(...*)} run gets `list` as its arguments
 * @param {number} delayMs at least 1
 * @param {number} repeatMs 0 for once
 * @returns {object} the timer, for cancelTimer
 */
export function startTimer(run, delayMs, list, repeatMs) {
  var timer = new Timer(turnTime() + delayMs, run, list, repeatMs);
  add(timer);
  return timer;
}

export function cancelTimer(timer) {
  drop(timer);
}

/** Forgets every timer: the iteration that set them has ended. */
export function clearTimers() {
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
  try {
    call(timer);
  } finally {
    // It may have been cleared by its own callback, or dropped with its iteration.
    if (byId[timer.id] === timer) {
      timer.deadline = turnTime() + timer.repeatMs;
      timer.order = ++order;
      rise(timer, heap.length);
    }
  }
  return true;
}

function call(timer) {
  if (timer.list === null) timer.run();
  else timer.run.apply(undefined, timer.list);
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
  if (typeof callback !== 'function') {
    throw new TypeError(
      'The "callback" argument must be of type function. Received ' + describe(callback),
    );
  }
  delay = delayOf(delay);
  return startTimer(callback, delay, rest, repeats ? delay : 0).id;
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

/** Says whether a timer keeps its iteration open (for Deno.refTimer and Deno.unrefTimer). */
export function holdTimer(id, holds) {
  var timer = byId[id];
  if (timer === undefined || timer.holds === holds) return;
  timer.holds = holds;
  holding += holds ? 1 : -1;
}
