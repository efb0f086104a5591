/**
 * Event and EventTarget, and the events that come with data. There is no tree: an event visits one target.
 * A listener belongs to the iteration that added it and is dropped with it (RULES 12).
 */
import { methods, constant, globalClass } from '../install.js';
import { DOMException } from '../error.js';
import { enqueue, currentEpoch } from '../microtasks.js';
import { sinceBegin } from '../performance.js';

var NONE = 0;
var AT_TARGET = 2;

function EventState(type, init) {
  this.type = type;
  this.bubbles = !!init.bubbles;
  this.cancelable = !!init.cancelable;
  this.composed = !!init.composed;
  this.target = null;
  this.phase = NONE;
  this.isCanceled = false;
  this.isStopped = false;
  this.isPassive = false;
  this.isTrusted = false;
  this.time = sinceBegin();
  this.data = null;
}

export function needNew(name) {
  return new TypeError('Class constructor ' + name + " cannot be invoked without 'new'");
}

export function needArguments(list, count) {
  if (list.length >= count) return;
  throw new TypeError(
    'The operation needs ' +
      count +
      ' argument' +
      (count > 1 ? 's' : '') +
      ', but only ' +
      list.length +
      ' present',
  );
}

function stateOf(event) {
  var state = event.__H_event;
  if (state === undefined) throw new TypeError('Illegal invocation: not an Event');
  return state;
}

function initialise(event, list, init) {
  needArguments(list, 1);
  if (init === undefined || init === null) init = {};
  if (typeof init !== 'object' && typeof init !== 'function')
    throw new TypeError('The "options" argument must be of type object');
  event.__H_event = new EventState(String(list[0]), init);
  return init;
}

export function Event(type, init) {
  if (!(this instanceof Event)) throw needNew('Event');
  initialise(this, arguments, init);
  return this;
}

methods(Event.prototype, {
  get type() {
    return stateOf(this).type;
  },
  get target() {
    return stateOf(this).target;
  },
  get srcElement() {
    return stateOf(this).target;
  },
  get currentTarget() {
    var state = stateOf(this);
    return state.phase === NONE ? null : state.target;
  },
  composedPath() {
    var state = stateOf(this);
    return state.phase === NONE ? [] : [state.target];
  },
  get eventPhase() {
    return stateOf(this).phase;
  },
  stopPropagation() {
    stateOf(this);
  },
  stopImmediatePropagation() {
    stateOf(this).isStopped = true;
  },
  get bubbles() {
    return stateOf(this).bubbles;
  },
  get cancelable() {
    return stateOf(this).cancelable;
  },
  get returnValue() {
    return !stateOf(this).isCanceled;
  },
  preventDefault() {
    var state = stateOf(this);
    if (state.cancelable && !state.isPassive) state.isCanceled = true;
  },
  get defaultPrevented() {
    return stateOf(this).isCanceled;
  },
  get composed() {
    return stateOf(this).composed;
  },
  get isTrusted() {
    return stateOf(this).isTrusted;
  },
  get timeStamp() {
    return stateOf(this).time;
  },
});

['NONE', 'CAPTURING_PHASE', 'AT_TARGET', 'BUBBLING_PHASE'].forEach(function (name, value) {
  Object.defineProperty(Event, name, { value: value, enumerable: true });
  Object.defineProperty(Event.prototype, name, { value: value, enumerable: true });
});

/** A class of events whose members come from the second argument; `defaults` says which, in which order. */
function dataEvent(name, defaults) {
  function DataEvent(type, init) {
    var data, key;
    if (!(this instanceof DataEvent)) throw needNew(name);
    init = initialise(this, arguments, init);
    data = this.__H_event.data = {};
    for (key in defaults) {
      data[key] = init[key] === undefined ? defaults[key] : init[key];
      if (typeof defaults[key] === 'string') data[key] = String(data[key]);
      else if (typeof defaults[key] === 'boolean') data[key] = !!data[key];
      else if (typeof defaults[key] === 'number') data[key] = +data[key] || 0;
    }
    return this;
  }
  DataEvent.prototype = Object.create(Event.prototype);
  Object.setPrototypeOf(DataEvent, Event);
  Object.keys(defaults).forEach(function (key) {
    var accessor = {
      get value() {
        return stateOf(this).data[key];
      },
    };
    var descriptor = Object.getOwnPropertyDescriptor(accessor, 'value');
    descriptor.enumerable = false;
    Object.defineProperty(DataEvent.prototype, key, descriptor);
  });
  constant(DataEvent.prototype, Symbol.toStringTag, name);
  return DataEvent;
}

export var CustomEvent = dataEvent('CustomEvent', { detail: null });
export var MessageEvent = dataEvent('MessageEvent', {
  data: null,
  origin: '',
  lastEventId: '',
  source: null,
  ports: null,
});
export var CloseEvent = dataEvent('CloseEvent', { wasClean: false, code: 0, reason: '' });
export var ErrorEvent = dataEvent('ErrorEvent', {
  message: '',
  filename: '',
  lineno: 0,
  colno: 0,
  error: undefined,
});

function Listener(callback, options) {
  this.callback = callback;
  this.isCapture = options.capture;
  this.isOnce = options.once;
  this.isPassive = options.passive;
  this.isHandler = false;
  this.isRemoved = false;
  this.epoch = currentEpoch();
}

/** A target of events. Scripts extend it; the network's classes do so as well. */
export function EventTarget() {
  if (!(this instanceof EventTarget)) throw needNew('EventTarget');
  return this;
}

function optionsOf(value) {
  var isObject = value !== null && (typeof value === 'object' || typeof value === 'function');
  return {
    capture: isObject ? !!value.capture : !!value,
    once: isObject && !!value.once,
    passive: isObject && !!value.passive,
    signal: isObject ? value.signal : undefined,
  };
}

function listOf(target, type, makes) {
  var all = target.__H_listeners;
  if (all === undefined) {
    if (!makes) return undefined;
    all = target.__H_listeners = Object.create(null);
  }
  if (all[type] === undefined && makes) all[type] = [];
  return all[type];
}

function tellOfChange(target) {
  var changed = target.__H_listenersChanged;
  if (changed !== undefined) changed(target);
}

function remove(target, list, at) {
  list[at].isRemoved = true;
  list.splice(at, 1);
  tellOfChange(target);
}

function indexOf(list, callback, isCapture) {
  for (var i = 0; i < list.length; i++) {
    if (!list[i].isHandler && list[i].callback === callback && list[i].isCapture === isCapture)
      return i;
  }
  return -1;
}

/** What an ended iteration added is forgotten. */
function dropOld(list) {
  var epoch = currentEpoch();
  for (var i = list.length - 1; i >= 0; i--) {
    if (list[i].epoch !== epoch) {
      list[i].isRemoved = true;
      list.splice(i, 1);
    }
  }
}

/** @returns {number} how many listeners of the running iteration wait for events of this type */
export function listenerCount(target, type) {
  var list = listOf(target, type, false);
  if (list === undefined) return 0;
  dropOld(list);
  return list.length;
}

function removeWhenAborted(target, type, callback, options) {
  var signal = options.signal;
  if (signal === undefined) return true;
  if (signal === null || signal.__H_abort === undefined)
    throw new TypeError('The "options.signal" property must be an instance of AbortSignal');
  if (signal.aborted) return false;
  signal.__H_abort.add(signal, function () {
    target.removeEventListener(type, callback, options.capture);
  });
  return true;
}

methods(
  EventTarget.prototype,
  {
    addEventListener(type, callback, options) {
      var list;
      needArguments(arguments, 2);
      options = optionsOf(options);
      type = String(type);
      if (callback === null || callback === undefined) return;
      if (typeof callback !== 'function' && typeof callback !== 'object')
        throw new TypeError('The "listener" argument must be an instance of EventListener');
      list = listOf(this, type, true);
      dropOld(list);
      if (indexOf(list, callback, options.capture) >= 0) return;
      if (!removeWhenAborted(this, type, callback, options)) return;
      list.push(new Listener(callback, options));
      tellOfChange(this);
    },
    removeEventListener(type, callback, options) {
      var list, at;
      needArguments(arguments, 2);
      list = listOf(this, String(type), false);
      if (list === undefined) return;
      at = indexOf(list, callback, optionsOf(options).capture);
      if (at >= 0) remove(this, list, at);
    },
    dispatchEvent(event) {
      needArguments(arguments, 1);
      if (event === null || typeof event !== 'object' || event.__H_event === undefined)
        throw new TypeError('The "event" argument must be an instance of Event');
      if (event.__H_event.phase !== NONE)
        throw new DOMException('The event is already being dispatched', 'InvalidStateError');
      event.__H_event.isTrusted = false;
      return dispatch(this, event);
    },
  },
  { addEventListener: 2, removeEventListener: 2 },
);

function rethrow(error) {
  throw error;
}

function callListener(target, listener, event) {
  var callback = listener.callback;
  try {
    if (typeof callback === 'function') callback.call(target, event);
    else if (!listener.isHandler) callback.handleEvent(event);
  } catch (error) {
    // The others still hear of the event; the error is one of the iteration (RULES 16).
    enqueue(rethrow, error);
  }
}

/** Calls the target's listeners. @returns {boolean} whether nobody prevented the default */
export function dispatch(target, event) {
  var state = event.__H_event;
  var list = listOf(target, state.type, false);
  state.target = target;
  if (list !== undefined && list.length > 0) {
    dropOld(list);
    state.phase = AT_TARGET;
    visit(target, list, event, state);
    state.phase = NONE;
  }
  state.isStopped = false;
  return !state.isCanceled;
}

/** Those that asked for the capture are told first. */
function visit(target, list, event, state) {
  var visited = list.slice();
  for (var i = 0; i < visited.length; i++)
    if (visited[i].isCapture) tell(target, list, visited[i], event, state);
  for (i = 0; i < visited.length; i++)
    if (!visited[i].isCapture) tell(target, list, visited[i], event, state);
}

function tell(target, list, listener, event, state) {
  if (listener.isRemoved || state.isStopped) return;
  if (listener.isOnce) remove(target, list, list.indexOf(listener));
  state.isPassive = listener.isPassive;
  callListener(target, listener, event);
  state.isPassive = false;
}

/** Dispatches an event that the runtime itself has made. */
export function fire(target, event) {
  event.__H_event.isTrusted = true;
  return dispatch(target, event);
}

function handlerOf(list) {
  for (var i = 0; i < list.length; i++) if (list[i].isHandler) return i;
  return -1;
}

/** Gives `prototype` the attributes `onNAME`. */
export function handlerAttributes(prototype, names) {
  names.forEach(function (type) {
    var accessor = {
      get value() {
        var list = listOf(this, type, false);
        var at = list === undefined ? -1 : handlerOf(list);
        return at < 0 ? null : list[at].callback;
      },
      set value(callback) {
        var isSet =
          callback !== null && (typeof callback === 'function' || typeof callback === 'object');
        var list = listOf(this, type, isSet);
        var at, listener;
        if (list === undefined) return;
        dropOld(list);
        at = handlerOf(list);
        if (at >= 0 && isSet) {
          list[at].callback = callback;
        } else if (at >= 0) {
          remove(this, list, at);
        } else if (isSet) {
          listener = new Listener(callback, optionsOf(false));
          listener.isHandler = true;
          list.push(listener);
          tellOfChange(this);
        }
      },
    };
    var descriptor = Object.getOwnPropertyDescriptor(accessor, 'value');
    descriptor.enumerable = true;
    Object.defineProperty(prototype, 'on' + type, descriptor);
  });
}

var EVENT_NAMES = [
  'Event',
  'EventTarget',
  'CustomEvent',
  'MessageEvent',
  'CloseEvent',
  'ErrorEvent',
];

/** @param {object} global */
export function installEvents(global) {
  var classes = [Event, EventTarget, CustomEvent, MessageEvent, CloseEvent, ErrorEvent];
  EVENT_NAMES.forEach(function (name, i) {
    globalClass(global, name, classes[i], name === 'EventTarget' ? 0 : 1);
  });
  constant(Event.prototype, Symbol.toStringTag, 'Event');
  constant(EventTarget.prototype, Symbol.toStringTag, 'EventTarget');
}
