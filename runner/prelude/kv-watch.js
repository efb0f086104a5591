/**
 * Following keys: watch gives the entries of its keys whenever one has changed, subscribe calls listeners with the
 * record of one channel. Both ask for the next state and get what is there then: whoever is slow misses states in
 * between, never the last one.
 */
import { methods, constant } from './install.js';
import { asyncIteratorPrototype } from './iterators.js';
import { onStop, removeStopListener } from './iteration.js';
import { Promise } from './promise.js';
import { hostCall, openResource, closeResource } from './requests.js';
import { checkKey, kvKeys } from './kv.js';
import { checkKeys, stateEntry } from './kv-keys.js';

/** Keys followed in the supervisor: what watch and subscribe have in common. */
function Following(space, keys, raw) {
  var self = this;
  this.keys = keys;
  this.entries = [];
  this.rid = 0;
  this.isClosed = false;
  this.isWaiting = false;
  /** Settles with the first state, the keys as they are when the watch begins. */
  this.opened = hostCall('KV_WATCH', { space: space, raw: raw }, kvKeys(keys), function (answer) {
    openResource(answer.rid);
    if (self.isClosed) closeResource(answer.rid);
    else self.rid = answer.rid;
    return self.apply(answer.changes);
  });
}

methods(Following.prototype, {
  /** @returns {object[]} the entries that changed */
  apply(changes) {
    var self = this;
    return changes.map(function (change) {
      var entry = stateEntry(self.keys[change[0]], change[1]);
      self.entries[change[0]] = entry;
      return entry;
    });
  },
  /** @returns {Promise<object[]>} rejects when the stop comes and once it is closed */
  next() {
    var self = this;
    var listener = {
      stop(error) {
        self.stopError = error;
        self.close();
      },
    };
    var done = {
      ok(changes) {
        removeStopListener(listener);
        return self.apply(changes);
      },
      failed(error) {
        removeStopListener(listener);
        self.close();
        throw self.stopError || error;
      },
    };
    onStop(listener);
    return hostCall('KV_NEXT', { rid: this.rid }, null, function (answer) {
      return answer.changes;
    }).then(done.ok, done.failed);
  },
  close() {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.rid !== 0) closeResource(this.rid);
  },
});

function finished() {
  return { value: undefined, done: true };
}

/** What watch returns: an async iterator of arrays of entries, and as much of a ReadableStream as reads it. */
export function Watch(space, keys, options) {
  var list = checkKeys(keys);
  this.__H_following = list.length === 0 ? null : new Following(space, list, options.raw === true);
  this.__H_first = true;
  this.__H_queue = Promise.resolve();
  // Nobody may ever look at the first state.
  if (list.length > 0) this.__H_following.opened.then(null, finished);
}
Watch.prototype = Object.create(asyncIteratorPrototype);

function advance(watch) {
  var following = watch.__H_following;
  var changes;
  if (following === null || following.isClosed) return finished();
  changes = watch.__H_first ? following.opened : following.next();
  watch.__H_first = false;
  return changes.then(
    function () {
      // The arrays are the script's own.
      return following.isClosed ? finished() : { value: following.entries.slice(), done: false };
    },
    function (error) {
      // Closed by the script itself while it waited.
      if (following.isClosed && error.name === 'BadResource') return finished();
      following.close();
      throw error;
    },
  );
}

methods(Watch.prototype, {
  next() {
    var watch = this;
    var step = function () {
      return advance(watch);
    };
    var result = this.__H_queue.then(step, step);
    this.__H_queue = result;
    return result;
  },
  return(value) {
    if (this.__H_following !== null) this.__H_following.close();
    this.__H_following = null;
    return Promise.resolve({ value: value, done: true });
  },
  cancel() {
    return this.return().then(function () {});
  },
  getReader() {
    return new Reader(this);
  },
});

function Reader(watch) {
  this.__H_watch = watch;
}

methods(Reader.prototype, {
  read() {
    return this.__H_watch.next();
  },
  cancel() {
    return this.__H_watch.cancel();
  },
  releaseLock() {},
});

/** What subscribe resolves to. Its pending question keeps the iteration open (RULES 12). */
function Subscription(following) {
  this.__H_following = following;
  this.__H_listeners = { update: [], delete: [] };
  constant(this, 'channel', following.keys[0]);
}

function listenersOf(subscription, event) {
  var listeners = subscription.__H_listeners[event];
  if (!Array.isArray(listeners)) {
    throw new TypeError(
      "A subscription has the events 'update' and 'delete', not " + String(event),
    );
  }
  return listeners;
}

methods(Subscription.prototype, {
  on(event, listener) {
    if (typeof listener !== 'function') throw new TypeError('A listener is a function');
    listenersOf(this, event).push(listener);
    return this;
  },
  off(event, listener) {
    var listeners = listenersOf(this, event);
    var at = listeners.indexOf(listener);
    if (at >= 0) listeners.splice(at, 1);
    return this;
  },
  close() {
    this.__H_following.close();
  },
});

/** The record's members, and with them what else the entry says. */
function dataOf(entry) {
  var value = entry.value;
  var data = {};
  if (value !== null && typeof value === 'object' && 'raw' in value) {
    for (var name in value) data[name] = value[name];
  } else {
    data.raw = value;
  }
  data.key = entry.key;
  data.versionstamp = entry.versionstamp;
  return data;
}

function tell(subscription, entry) {
  var event = entry.versionstamp === null ? 'delete' : 'update';
  var data = dataOf(entry);
  subscription.__H_listeners[event].slice().forEach(function (listener) {
    if (!subscription.__H_following.isClosed) listener(data);
  });
}

/** Asks, tells, asks again. What a listener throws is an error of the iteration, as in any callback. */
function follow(subscription) {
  var following = subscription.__H_following;
  if (following.isClosed) return;
  following.next().then(
    function (changes) {
      changes.forEach(function (entry) {
        tell(subscription, entry);
      });
      follow(subscription);
    },
    function (error) {
      if (!following.isClosed || (error.name !== 'BadResource' && error !== following.stopError)) {
        throw error;
      }
    },
  );
}

export function subscribe(space, channel) {
  var following = new Following(space, [checkKey(channel).slice()], false);
  return following.opened.then(function () {
    var subscription = new Subscription(following);
    follow(subscription);
    return subscription;
  });
}
