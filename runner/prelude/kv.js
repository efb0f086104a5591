/**
 * `Stels.net` and `Stels.local`: the key-value spaces as scripts see them (RULES 22, 23, 28). Values travel as JSON,
 * with tags for what JSON has not (kv-tags.js); what a script stores is wrapped in a channel record, and reading gives
 * the record: the script's data is `value.raw`.
 */
import { methods, constant } from './install.js';
import loadAtomic from './kv-atomic.js?lazy';
import loadKeys from './kv-keys.js?lazy';
import loadList from './kv-list.js?lazy';
import loadTags from './kv-tags.js?lazy';
import loadWatch from './kv-watch.js?lazy';
import { Promise } from './promise.js';
import { awaitReply } from './requests.js';
import { NativeBytes } from './natives.js';
import { notSupported } from './absent.js';
import { nativeParse, nativeStringify } from './json.js';

var host = null;

export function setKvHost(functions) {
  host = functions;
}

/** The host's functions, for the modules that are loaded later. */
export function kvKeys(keys) {
  return host.kvKeys(keys);
}

export function kvBase64(bytes) {
  return host.base64Encode(bytes);
}

export function kvUnbase64(text) {
  return host.kvUnbase64(text);
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

/** What amid takes, less the record around a value. */
var DEPTH_MAX = 31;

/** Whether JSON.stringify alone says all that is in a value: nothing that needs a tag, or looks like one. */
function isPlain(value, depth) {
  var i, keys;
  if (value === null || typeof value !== 'object') return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) {
    for (i = 0; i < value.length; i++) if (!isPlain(value[i], depth - 1)) return false;
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  keys = Object.keys(value);
  if (keys.length === 1 && keys[0].charCodeAt(0) === 36) return false;
  for (i = 0; i < keys.length; i++) if (!isPlain(value[keys[i]], depth - 1)) return false;
  return true;
}

function toJson(key, value) {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(
      'A value must be JSON, a Date or a Uint8Array: a ' + typeof value + ' is not',
    );
  }
  if (!isPlain(value, DEPTH_MAX)) value = loadTags().tag(value, DEPTH_MAX);
  // The host escapes lone surrogates.
  return nativeStringify(recordOf(key, value));
}

function expiry(options) {
  var ms = options === undefined || options === null ? undefined : options.expireIn;
  if (ms === undefined) return 0;
  if (typeof ms !== 'number' || !(ms >= 0)) {
    throw new TypeError('expireIn must be a non-negative integer: received ' + String(ms));
  }
  // 0 means at once; to the host it would mean never.
  return Math.max(1, Math.ceil(ms));
}

/** Bytes that come from the host have the methods of typed arrays once these are installed. */
function completeBytes(part) {
  if (typeof part === 'object') void globalThis.Uint8Array;
}

export function toEntry(found) {
  var value = nativeParse(found.value);
  if (found.value.indexOf('{"$') >= 0) value = loadTags().untag(value);
  return entryOf(found, value);
}

/** @param {{key: Array, versionstamp: string}} found with the value read already */
export function entryOf(found, value) {
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

/** @param {string} type sum, min or max: computed where it is written; the value is for a key that does not exist */
export function numberMutation(type, key, operand) {
  if (typeof operand !== 'number' || operand - operand !== 0) {
    throw new TypeError(
      'Value must be a finite number: received ' +
        (typeof operand === 'number' ? operand : typeof operand),
    );
  }
  return { type: type, key: checkKey(key), value: toJson(key, operand), operand: operand };
}

export function deleteMutation(key) {
  return { type: 'delete', key: checkKey(key) };
}

function committed(result) {
  return result.ok ? { ok: true, versionstamp: result.versionstamp } : { ok: false };
}

export function write(space, checks, mutations) {
  return awaitReply(host.kvAtomic(space, checks, mutations), committed);
}

function nothing() {}

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
      try {
        return awaitReply(host.kvGet(this.__H_space, checkKey(key)), function (found) {
          return found === null ? missing(key) : toEntry(found);
        });
      } catch (error) {
        return Promise.reject(error);
      }
    },
    getMany(keys) {
      var space = this.__H_space;
      return promised(function () {
        return loadKeys().getMany(space, keys);
      });
    },
    set(key, value, options) {
      try {
        return write(this.__H_space, [], [setMutation(key, value, options)]);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    delete(key) {
      try {
        return awaitReply(host.kvAtomic(this.__H_space, [], [deleteMutation(key)]), nothing);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    list(selector, options) {
      return new (loadList().Listing)(this.__H_space, selector, options || {});
    },
    atomic() {
      return new (loadAtomic().Atomic)(this.__H_space, this.__H_name);
    },
    watch(keys, options) {
      return new (loadWatch().Watch)(this.__H_space, keys, options || {});
    },
    subscribe(channel) {
      var space = this.__H_space;
      return promised(function () {
        return loadWatch().subscribe(space, channel);
      });
    },
    enqueue() {
      throw notSupported('Stels.' + this.__H_name + '.enqueue');
    },
    listenQueue() {
      throw notSupported('Stels.' + this.__H_name + '.listenQueue');
    },
    commitVersionstamp() {
      throw notSupported('Stels.' + this.__H_name + '.commitVersionstamp');
    },
  },
  { set: 2, list: 1, watch: 1 },
);
constant(Space.prototype, Symbol.toStringTag, 'StelsSpace');
