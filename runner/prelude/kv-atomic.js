/** Atomic operations on a key-value space (RULES 22, 28). */
import { methods } from './install.js';
import { notSupported } from './absent.js';
import { Promise } from './promise.js';
import { checkKey, deleteMutation, numberMutation, setMutation, write } from './kv.js';

/** One atomic operation: checks and mutations, sent together by commit. */
export function Atomic(space, name) {
  this.__H_space = space;
  this.__H_name = name;
  this.__H_checks = [];
  this.__H_mutations = [];
}

function needsValue(mutation) {
  if (!Object.prototype.hasOwnProperty.call(mutation, 'value')) {
    throw new TypeError("Invalid mutation '" + mutation.type + "' without value");
  }
}

function mutationOf(mutation) {
  switch (mutation.type) {
    case 'set':
      needsValue(mutation);
      return setMutation(mutation.key, mutation.value, mutation);
    case 'delete':
      if (mutation.value) throw new TypeError("Invalid mutation 'delete' with value");
      return deleteMutation(mutation.key);
    case 'sum':
    case 'min':
    case 'max':
      needsValue(mutation);
      return numberMutation(mutation.type, mutation.key, mutation.value);
    default:
      throw new TypeError('Invalid mutation type');
  }
}

function add(atomic, mutation) {
  atomic.__H_mutations.push(mutation);
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
      for (var i = 0; i < arguments.length; i++) add(this, mutationOf(arguments[i]));
      return this;
    },
    set(key, value, options) {
      return add(this, setMutation(key, value, options));
    },
    delete(key) {
      return add(this, deleteMutation(key));
    },
    sum(key, amount) {
      return add(this, numberMutation('sum', key, amount));
    },
    min(key, amount) {
      return add(this, numberMutation('min', key, amount));
    },
    max(key, amount) {
      return add(this, numberMutation('max', key, amount));
    },
    enqueue() {
      throw notSupported('Stels.' + this.__H_name + '.atomic().enqueue');
    },
    commit() {
      try {
        return write(this.__H_space, this.__H_checks, this.__H_mutations);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    /** So that `await atomic` without commit says what is wrong, as Deno's does. */
    then() {
      throw new TypeError("An atomic operation is no promise: did you forget to call 'commit()'?");
    },
  },
  { check: 0, mutate: 0, set: 2 },
);
