/** Atomic operations on a key-value space (RULES 22, 28). */
import { methods } from './install.js';
import { Promise } from './promise.js';
import { awaitReply } from './requests.js';
import {
  checkKey,
  setMutation,
  write,
  promised,
  missing,
  toEntry,
  kvGet,
  taggedPart,
} from './kv.js';

/** How often a sum, min or max is tried again after another writer was faster. */
var MAX_TRIES = 50;

/** One atomic operation: checks and mutations, sent together by commit. */
export function Atomic(space) {
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
      return awaitReply(kvGet(space, key), function (found) {
        return found === null ? missing(key) : toEntry(found);
      });
    }),
  );
}
