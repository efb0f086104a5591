/**
 * `Stels.net` and `Stels.local`: the key-value spaces as scripts see them (RULES 22, 23, 28). Values travel as JSON;
 * what a script stores is wrapped in a channel record, and reading gives the record: the script's data is `value.raw`.
 */
import { methods, constant } from './install.js';
import { asyncIteratorPrototype } from './iterators.js';
import { Promise } from './promise.js';
import { awaitReply } from './requests.js';
import { notSupported } from './absent.js';

var PAGE = 100;
var MAX_PAGE = 500;
/** How often a sum, min or max is tried again after another writer was faster. */
var MAX_TRIES = 50;

var host = null;

export function setKvHost(functions) {
  host = functions;
}

function checkKey(key) {
  if (!Array.isArray(key))
    throw new TypeError('A key is an array of strings, numbers, booleans or bytes');
  if (key.length === 0) throw new TypeError('A key has at least one part');
  return key;
}

function partText(part) {
  return part instanceof Uint8Array ? Array.prototype.join.call(part, ',') : String(part);
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

function toEntry(found) {
  var value = JSON.parse(found.value);
  var entry = { key: found.key, value: value, versionstamp: found.versionstamp };
  if (value !== null && typeof value === 'object') entry.timestamp = value.timestamp;
  return entry;
}

function missing(key) {
  return { key: key, value: null, versionstamp: null };
}

function setMutation(key, value, options) {
  return { type: 'set', key: checkKey(key), value: toJson(key, value), expireIn: expiry(options) };
}

function committed(result) {
  return result.ok ? { ok: true, versionstamp: result.versionstamp } : { ok: false };
}

function write(space, checks, mutations) {
  return awaitReply(host.kvAtomic(space, checks, mutations), committed);
}

/** Runs `work`; what it throws rejects. */
function promised(work) {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
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
      return new Listing(this.__H_space, selector, options || {});
    },
    atomic() {
      return new Atomic(this.__H_space);
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

/** One atomic operation: checks and mutations, sent together by commit. */
function Atomic(space) {
  this.__H_space = space;
  this.__H_checks = [];
  this.__H_mutations = [];
  this.__H_numbers = [];
}

function number(atomic, key, kind, amount) {
  if (typeof amount !== 'number') throw new TypeError(kind + ' takes a number');
  atomic.__H_numbers.push({ key: checkKey(key), kind: kind, amount: amount });
  return atomic;
}

methods(
  Atomic.prototype,
  {
    check() {
      for (var i = 0; i < arguments.length; i++) {
        this.__H_checks.push({
          key: checkKey(arguments[i].key),
          versionstamp: arguments[i].versionstamp || null,
        });
      }
      return this;
    },
    mutate() {
      for (var i = 0; i < arguments.length; i++) {
        var mutation = arguments[i];
        if (mutation.type === 'set') this.set(mutation.key, mutation.value, mutation);
        else if (mutation.type === 'delete') this.delete(mutation.key);
        else number(this, mutation.key, mutation.type, mutation.value);
      }
      return this;
    },
    set(key, value, options) {
      this.__H_mutations.push(setMutation(key, value, options));
      return this;
    },
    delete(key) {
      this.__H_mutations.push({ type: 'delete', key: checkKey(key), value: '', expireIn: 0 });
      return this;
    },
    sum(key, amount) {
      return number(this, key, 'sum', amount);
    },
    min(key, amount) {
      return number(this, key, 'min', amount);
    },
    max(key, amount) {
      return number(this, key, 'max', amount);
    },
    commit() {
      var atomic = this;
      return promised(function () {
        if (atomic.__H_numbers.length === 0) {
          return write(atomic.__H_space, atomic.__H_checks, atomic.__H_mutations);
        }
        return commitNumbers(atomic, MAX_TRIES);
      });
    },
  },
  { check: 0, mutate: 0, set: 2 },
);

function combine(kind, old, amount) {
  if (old === undefined) return amount;
  if (typeof old !== 'number')
    throw new TypeError(kind + ' needs a number in value.raw, found ' + typeof old);
  if (kind === 'sum') return old + amount;
  return kind === 'min' ? Math.min(old, amount) : Math.max(old, amount);
}

/** sum, min and max: read, compute, write if nobody else has written since. */
function commitNumbers(atomic, triesLeft) {
  var space = atomic.__H_space;
  var keys = [];
  var channels = [];
  atomic.__H_numbers.forEach(function (change) {
    var channel = JSON.stringify(change.key.map(taggedPart));
    if (channels.indexOf(channel) < 0) {
      channels.push(channel);
      keys.push(change.key);
    }
  });
  return readAll(space, keys).then(function (entries) {
    var checks = atomic.__H_checks.slice();
    var mutations = atomic.__H_mutations.slice();
    entries.forEach(function (entry, i) {
      var raw = entry.value === null ? undefined : entry.value.raw;
      atomic.__H_numbers.forEach(function (change) {
        if (JSON.stringify(change.key.map(taggedPart)) === channels[i])
          raw = combine(change.kind, raw, change.amount);
      });
      checks.push({ key: keys[i], versionstamp: entry.versionstamp });
      mutations.push(setMutation(keys[i], raw));
    });
    return write(space, checks, mutations).then(function (result) {
      if (result.ok) return result;
      return triesLeft > 1 ? retryNumbers(atomic, triesLeft) : { ok: false };
    });
  });
}

/** A failed check of the script's own is final; otherwise another writer was faster. */
function retryNumbers(atomic, triesLeft) {
  var checks = atomic.__H_checks;
  return readAll(
    atomic.__H_space,
    checks.map(function (check) {
      return check.key;
    }),
  ).then(function (entries) {
    var holds = entries.every(function (entry, i) {
      return entry.versionstamp === checks[i].versionstamp;
    });
    return holds ? commitNumbers(atomic, triesLeft - 1) : { ok: false };
  });
}

function readAll(space, keys) {
  return Promise.all(
    keys.map(function (key) {
      return awaitReply(host.kvGet(space, key), function (found) {
        return found === null ? missing(key) : toEntry(found);
      });
    }),
  );
}

/** A cursor names the last key given out: readable text, every part with its type. */
function taggedPart(part) {
  return part instanceof Uint8Array ? { b: Array.prototype.slice.call(part) } : part;
}

function untaggedPart(part) {
  return part !== null && typeof part === 'object' ? new Uint8Array(part.b) : part;
}

function encodeCursor(key) {
  return encodeURIComponent(JSON.stringify(key.map(taggedPart)));
}

function decodeCursor(cursor) {
  try {
    return JSON.parse(decodeURIComponent(cursor)).map(untaggedPart);
  } catch (error) {
    throw new TypeError('This is not a cursor of Stels.net.list or Stels.local.list');
  }
}

function sameKey(a, b) {
  return JSON.stringify(a.map(taggedPart)) === JSON.stringify(b.map(taggedPart));
}

/** What list returns: entries page by page, `cursor` to go on later. */
function Listing(space, selector, options) {
  var limit = options.limit === undefined ? Infinity : Math.floor(+options.limit);
  if (!(limit > 0)) throw new TypeError('limit is a number above 0');
  if (Array.isArray(selector)) selector = { prefix: selector };
  if (selector === null || typeof selector !== 'object')
    throw new TypeError('list takes {prefix}, {start, end}, …');
  this.__H_space = space;
  this.__H_selector = selector;
  this.__H_left = limit;
  this.__H_reverse = !!options.reverse;
  this.__H_page = Math.min(MAX_PAGE, Math.max(1, Math.floor(+options.batchSize) || PAGE));
  this.__H_entries = [];
  this.__H_at = 0;
  this.__H_pageCursor = null;
  this.__H_last = options.cursor ? decodeCursor(options.cursor) : null;
  this.__H_skip = this.__H_last;
  this.__H_queue = null;
}
Listing.prototype = Object.create(asyncIteratorPrototype);

function request(listing) {
  var selector = listing.__H_selector;
  var query = {
    limit: Math.min(
      listing.__H_page,
      listing.__H_left + (listing.__H_skip === null ? 0 : 1),
      MAX_PAGE,
    ),
    reverse: listing.__H_reverse,
    cursor: listing.__H_pageCursor || '',
  };
  if (selector.prefix !== undefined) query.prefix = selector.prefix;
  if (selector.start !== undefined) query.start = selector.start;
  if (selector.end !== undefined) query.end = selector.end;
  // Going on where an earlier listing ended: from the last key, which then comes once more if it still exists.
  if (listing.__H_skip !== null && listing.__H_pageCursor === null) {
    query[listing.__H_reverse ? 'end' : 'start'] = listing.__H_skip;
  }
  return query;
}

function finished() {
  return { value: undefined, done: true };
}

function take(listing) {
  var found = listing.__H_entries[listing.__H_at++];
  if (listing.__H_skip !== null) {
    var skipped = listing.__H_skip;
    listing.__H_skip = null;
    if (sameKey(found.key, skipped)) return advance(listing);
  }
  listing.__H_left--;
  listing.__H_last = found.key;
  return { value: toEntry(found), done: false };
}

function advance(listing) {
  if (listing.__H_left <= 0) return finished();
  if (listing.__H_at < listing.__H_entries.length) return take(listing);
  if (listing.__H_pageCursor === '') return finished();
  return awaitReply(host.kvList(listing.__H_space, request(listing)), null).then(function (page) {
    listing.__H_entries = page.entries;
    listing.__H_at = 0;
    listing.__H_pageCursor = page.cursor || '';
    return page.entries.length === 0 ? finished() : advance(listing);
  });
}

methods(Listing.prototype, {
  next() {
    var listing = this;
    var step = function () {
      return advance(listing);
    };
    // Calls of next that do not wait for one another are answered in their order.
    var result = listing.__H_queue === null ? promised(step) : listing.__H_queue.then(step, step);
    listing.__H_queue = result;
    return result;
  },
  return(value) {
    this.__H_left = 0;
    return Promise.resolve({ value: value, done: true });
  },
  get cursor() {
    return this.__H_last === null ? '' : encodeCursor(this.__H_last);
  },
});
