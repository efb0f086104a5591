/**
 * `Stels.net` and `Stels.local`: the key-value spaces as scripts see them (RULES 22, 23, 28). Values travel as JSON;
 * what a script stores is wrapped in a channel record, and reading gives the record: the script's data is `value.raw`.
 */
import { methods, constant } from './install.js';
import loadAtomic from './kv-atomic.js?lazy';
import loadList from './kv-list.js?lazy';
import { Promise } from './promise.js';
import { awaitReply } from './requests.js';
import { NativeBytes } from './natives.js';
import { notSupported } from './absent.js';

var host = null;

export function setKvHost(functions) {
  host = functions;
}

/** The host's functions, for the modules that are loaded later. */
export function kvGet(space, key) {
  return host.kvGet(space, key);
}

export function kvList(space, query) {
  return host.kvList(space, query);
}

export function checkKey(key) {
  if (!Array.isArray(key))
    throw new TypeError('A key is an array of strings, numbers, booleans or bytes');
  if (key.length === 0) throw new TypeError('A key has at least one part');
  return key;
}

function partText(part) {
  return part instanceof NativeBytes ? Array.prototype.join.call(part, ',') : String(part);
}

/** @returns {string} 'a.b.c' */
function channelOf(key) {
  return key.map(partText).join('.');
}

function isRecord(value) {
  return (
    value !== null &&
    typeof value === 'object' &&
    'raw' in value &&
    typeof value.channel === 'string'
  );
}

function recordOf(key, value) {
  if (isRecord(value)) return value;
  return {
    channel: channelOf(key),
    module: partText(key[0]),
    widget: '',
    raw: value === undefined ? null : value,
    timestamp: Date.now(),
  };
}

function toJson(key, value) {
  var text;
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError('A value must be JSON: a ' + typeof value + ' is not');
  }
  text = JSON.stringify(recordOf(key, value));
  return text;
}

function expiry(options) {
  var ms = options === undefined || options === null ? undefined : options.expireIn;
  if (ms === undefined) return 0;
  ms = Math.ceil(+ms);
  if (!(ms > 0)) throw new TypeError('expireIn is a number of milliseconds above 0');
  return ms;
}

/** Bytes that come from the host have the methods of typed arrays once these are installed. */
function completeBytes(part) {
  if (typeof part === 'object') void globalThis.Uint8Array;
}

export function toEntry(found) {
  var value = JSON.parse(found.value);
  var entry = { key: found.key, value: value, versionstamp: found.versionstamp };
  found.key.forEach(completeBytes);
  if (value !== null && typeof value === 'object') entry.timestamp = value.timestamp;
  return entry;
}

export function missing(key) {
  return { key: key, value: null, versionstamp: null };
}

export function setMutation(key, value, options) {
  return { type: 'set', key: checkKey(key), value: toJson(key, value), expireIn: expiry(options) };
}

function committed(result) {
  return result.ok ? { ok: true, versionstamp: result.versionstamp } : { ok: false };
}

export function write(space, checks, mutations) {
  return awaitReply(host.kvAtomic(space, checks, mutations), committed);
}

/** Runs `work`; what it throws rejects. */
export function promised(work) {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}

/** A part of a key as JSON can carry it. */
export function taggedPart(part) {
  return part instanceof NativeBytes ? { b: Array.prototype.slice.call(part) } : part;
}

/** @param {number} space 0 local, 1 net */
export function Space(space, name) {
  this.__H_space = space;
  this.__H_name = name;
}

methods(
  Space.prototype,
  {
    get(key) {
      var space = this.__H_space;
      return promised(function () {
        return awaitReply(host.kvGet(space, checkKey(key)), function (found) {
          return found === null ? missing(key) : toEntry(found);
        });
      });
    },
    getMany(keys) {
      var self = this;
      return promised(function () {
        return Promise.all(
          Array.from(keys, function (key) {
            return self.get(key);
          }),
        );
      });
    },
    set(key, value, options) {
      var space = this.__H_space;
      return promised(function () {
        return write(space, [], [setMutation(key, value, options)]);
      });
    },
    delete(key) {
      var space = this.__H_space;
      return promised(function () {
        return write(
          space,
          [],
          [{ type: 'delete', key: checkKey(key), value: '', expireIn: 0 }],
        ).then(function () {});
      });
    },
    list(selector, options) {
      return new (loadList().Listing)(this.__H_space, selector, options || {});
    },
    atomic() {
      return new (loadAtomic().Atomic)(this.__H_space);
    },
    subscribe() {
      throw notSupported('Stels.' + this.__H_name + '.subscribe');
    },
    watch() {
      throw notSupported('Stels.' + this.__H_name + '.watch');
    },
    enqueue() {
      throw notSupported('Stels.' + this.__H_name + '.enqueue');
    },
    listenQueue() {
      throw notSupported('Stels.' + this.__H_name + '.listenQueue');
    },
  },
  { set: 2, list: 1 },
);
constant(Space.prototype, Symbol.toStringTag, 'StelsSpace');
