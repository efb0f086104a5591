/** WeakMap, WeakSet, WeakRef, FinalizationRegistry. */
import { methods, constant, globalClass } from './install.js';
import { Map, dictionary, addOwn, receiver, requireNew, fill } from './collections.js';

/**
 * A weak collection keeps its values in the keys: each key object has one hidden record, a collection's values stand
 * there under the collection's number. So values die with their key; one whose collection died first waits for it.
 */
var lastWeakId = 0;

function Weak(collection) {
  collection.__H_weak = { id: ++lastWeakId, fixed: null };
}

function isKey(value) {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

function recordOf(key) {
  var record = key.__H_values;
  // A proxy shows its target's record and an heir its prototype's; the values are the owner's alone.
  return record !== undefined && record.owner === key ? record : undefined;
}

function weakOf(collection, Class, method) {
  if (!(collection instanceof Class) || collection.__H_weak === undefined) {
    throw new TypeError(
      'Method ' +
        Class.name +
        '.prototype.' +
        method +
        ' called on incompatible receiver ' +
        receiver(collection),
    );
  }
  return collection.__H_weak;
}

function weakHas(weak, key) {
  var record;
  if (!isKey(key)) return false;
  record = recordOf(key);
  if (record !== undefined && weak.id in record) return true;
  return weak.fixed !== null && weak.fixed.has(key);
}

function weakGet(weak, key) {
  var record;
  if (!isKey(key)) return undefined;
  record = recordOf(key);
  if (record !== undefined && weak.id in record) return record[weak.id];
  return weak.fixed === null ? undefined : weak.fixed.get(key);
}

function weakSet(weak, key, value) {
  var record = recordOf(key);
  if (record === undefined) {
    record = dictionary();
    record.owner = key;
    if (!addOwn(key, '__H_values', record)) {
      if (weak.fixed === null) weak.fixed = new Map();
      weak.fixed.set(key, value);
      return;
    }
  }
  record[weak.id] = value;
}

function weakDelete(weak, key) {
  var record;
  if (!weakHas(weak, key)) return false;
  record = recordOf(key);
  if (record !== undefined && weak.id in record) return delete record[weak.id];
  return weak.fixed.delete(key);
}

/** The global WeakMap. */
function WeakMap(iterable) {
  requireNew(this, WeakMap);
  Weak(this);
  fill(this, iterable, 'set', true);
  return this;
}

var weakMapMethods = {
  delete(key) {
    return weakDelete(weakOf(this, WeakMap, 'delete'), key);
  },
  get(key) {
    return weakGet(weakOf(this, WeakMap, 'get'), key);
  },
  set(key, value) {
    var weak = weakOf(this, WeakMap, 'set');
    if (!isKey(key)) throw new TypeError('Invalid value used as weak map key');
    weakSet(weak, key, value);
    return this;
  },
  has(key) {
    return weakHas(weakOf(this, WeakMap, 'has'), key);
  },
};

/** The global WeakSet. */
function WeakSet(iterable) {
  requireNew(this, WeakSet);
  Weak(this);
  fill(this, iterable, 'add', false);
  return this;
}

var weakSetMethods = {
  delete(value) {
    return weakDelete(weakOf(this, WeakSet, 'delete'), value);
  },
  has(value) {
    return weakHas(weakOf(this, WeakSet, 'has'), value);
  },
  add(value) {
    var weak = weakOf(this, WeakSet, 'add');
    if (!isKey(value)) throw new TypeError('Invalid value used in weak set');
    weakSet(weak, value, true);
    return this;
  },
};

/** The global WeakRef. It holds its target: the engine has nothing weaker, and the standard allows it. */
function WeakRef(target) {
  requireNew(this, WeakRef);
  if (!isKey(target)) throw new TypeError('WeakRef: target must be an object');
  this.__H_target = target;
  return this;
}

/** The global FinalizationRegistry. The standard allows never to call the callback. */
function FinalizationRegistry(callback) {
  requireNew(this, FinalizationRegistry);
  if (typeof callback !== 'function')
    throw new TypeError('FinalizationRegistry: cleanup must be callable');
  return this;
}

/** @param {object} global */
export function installWeak(global) {
  globalClass(global, 'WeakMap', WeakMap, 0);
  globalClass(global, 'WeakSet', WeakSet, 0);
  globalClass(global, 'WeakRef', WeakRef, 1);
  globalClass(global, 'FinalizationRegistry', FinalizationRegistry, 1);
  methods(WeakMap.prototype, weakMapMethods);
  methods(WeakSet.prototype, weakSetMethods);
  methods(WeakRef.prototype, {
    deref() {
      return this.__H_target;
    },
  });
  methods(FinalizationRegistry.prototype, {
    register(_target, _held) {},
    unregister(_token) {
      return false;
    },
  });
  constant(WeakMap.prototype, Symbol.toStringTag, 'WeakMap');
  constant(WeakSet.prototype, Symbol.toStringTag, 'WeakSet');
  constant(WeakRef.prototype, Symbol.toStringTag, 'WeakRef');
  constant(FinalizationRegistry.prototype, Symbol.toStringTag, 'FinalizationRegistry');
}
