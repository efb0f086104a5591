/** The global `Stels`: configuration, sleep, the key-value spaces. */
import { methods, hide, constant } from './install.js';
import { pendingPromise, resolvePromise, rejectPromise, Promise } from './promise.js';
import { startTimer, cancelTimer } from './timers.js';
import { onStop, removeStopListener, isStopRequested, countTick } from './iteration.js';
import { Space, promised } from './kv.js';
import loadWebfix from './webfix.js?lazy';
import { notSupported } from './absent.js';
import { hostCall } from './requests.js';
import loadBlockchain from './blockchain.js?lazy';

/** Parts of the configuration that are the runner's business, not the script's. */
var PRIVATE = { logLevel: true, delayMs: true, wallet: true, token: true };
var LATER = ['secrets', 'exchange', 'serve', 'signal'];

var config = Object.freeze({});
var known = {};
var net = new Space(1, 'net');
var local = new Space(0, 'local');

function freezeAll(value) {
  if (value === null || typeof value !== 'object') return value;
  for (var key in value) freezeAll(value[key]);
  return Object.freeze(value);
}

/** @param {object} changes members of the configuration that are new; kept as they are */
export function updateConfig(changes) {
  var visible = {};
  var key;
  for (key in changes) known[key] = changes[key];
  for (key in known) if (!PRIVATE[key]) visible[key] = known[key];
  config = freezeAll(visible);
}

/** One pending sleep, a stop listener: ends by its timer or by the stop, whichever comes first. */
function Sleep(ms) {
  this.promise = pendingPromise();
  this.timer = startTimer(wake, ms, this);
  onStop(this);
}
Sleep.prototype.stop = {
  stop(error) {
    cancelTimer(this.timer);
    rejectPromise(this.promise, error);
    this.timer = null; // which knows the sleep: no cycle may be left for a collection
  },
}.stop;

function wake(sleep) {
  sleep.timer = null;
  removeStopListener(sleep);
  countTick();
  resolvePromise(sleep.promise, undefined);
}

function sleepMs(value) {
  value = +value;
  return value >= 1 ? value : 1;
}

/** Refuses what cannot be waited for, so that a misspelt delay does not become a busy loop. */
function checkDelay(value) {
  if (value === undefined || value === null || +value !== +value) {
    throw new TypeError('Stels.sleep takes a number of milliseconds, not ' + String(value));
  }
}

var members = {
  get config() {
    return config;
  },
  get startTime() {
    return known.startTime;
  },
  get engine() {
    return globalThis.Deno;
  },
  get net() {
    return net;
  },
  get local() {
    return local;
  },
  get leader() {
    return Object.freeze({ token: known.token || null });
  },
  get wallet() {
    return loadBlockchain().wallet(known.wallet);
  },
  get blockchain() {
    return loadBlockchain().gliesereum();
  },
  sleep(ms) {
    try {
      checkDelay(ms);
    } catch (error) {
      return Promise.reject(error);
    }
    // Once the stop has come, sleeps never end (RULES 18).
    return isStopRequested() ? pendingPromise() : new Sleep(sleepMs(ms)).promise;
  },
  shouldStop() {
    return isStopRequested();
  },
  secret(name) {
    if (typeof name !== 'string') {
      return Promise.reject(new TypeError('Stels.secret takes the name of a secret'));
    }
    return hostCall('SECRET_GET', { name: name }, null, null);
  },
  webfix(request) {
    return promised(function () {
      return loadWebfix().webfix(Object(request), net);
    });
  },
};

function later(target, name) {
  Object.defineProperty(target, name, {
    get: function () {
      throw notSupported('Stels.' + name);
    },
    enumerable: false,
    configurable: true,
  });
}

/** The editor's shorthand for Stels.config; a script that assigns its own gets that. */
function installConfig(global) {
  var accessor = {
    get value() {
      return config;
    },
    set value(value) {
      hide(global, 'config', value);
    },
  };
  var descriptor = Object.getOwnPropertyDescriptor(accessor, 'value');
  descriptor.enumerable = false;
  Object.defineProperty(global, 'config', descriptor);
}

/** @param {object} global */
export function installStels(global) {
  var stels = {};
  methods(stels, members);
  LATER.forEach(function (name) {
    later(stels, name);
  });
  constant(stels, Symbol.toStringTag, 'Stels');
  hide(global, 'Stels', Object.freeze(stels));
  installConfig(global);
}
