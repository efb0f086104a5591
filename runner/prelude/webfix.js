/** `Stels.webfix`: the key-value calls in the form that the network's other clients use. */
import { notSupported } from './absent.js';
import { checkKey, Space } from './kv.js';

/** How often an update is tried again after another writer was faster. */
var MAX_TRIES = 32;

function recordOf(request, key, raw) {
  return {
    channel: key.join('.'),
    module: request.module === undefined ? String(key[0]) : request.module,
    widget: request.widget === undefined ? '' : request.widget,
    raw: raw === undefined ? null : raw,
    timestamp: request.timestamp === undefined ? Date.now() : request.timestamp,
  };
}

function isObject(value) {
  return (
    value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** The members of `change` over those of `old`; what is no plain pair of objects is replaced. */
function merged(old, change) {
  var result = {};
  if (!isObject(old) || !isObject(change)) return change;
  Object.keys(old).forEach(function (name) {
    result[name] = old[name];
  });
  Object.keys(change).forEach(function (name) {
    result[name] = change[name];
  });
  return result;
}

function options(request) {
  return request.expireIn === undefined ? {} : { expireIn: request.expireIn };
}

function update(space, key, request, triesLeft) {
  return space.get(key).then(function (entry) {
    var old = entry.value === null ? undefined : entry.value.raw;
    var record = recordOf(request, key, merged(old, request.raw));
    if (isObject(entry.value)) {
      // What the request does not name stays.
      if (request.module === undefined && entry.value.module !== undefined)
        record.module = entry.value.module;
      if (request.widget === undefined && entry.value.widget !== undefined)
        record.widget = entry.value.widget;
    }
    return space
      .atomic()
      .check(entry)
      .set(key, record, options(request))
      .commit()
      .then(function (result) {
        if (result.ok || triesLeft <= 1) return result;
        return update(space, key, request, triesLeft - 1);
      });
  });
}

/** @param {Space} otherwise the space of a request that names none */
export function webfix(request, otherwise) {
  var space = request.brain === undefined ? otherwise : request.brain;
  var key = checkKey(request.channel);
  if (!(space instanceof Space)) throw new TypeError('brain is Stels.net or Stels.local');
  switch (request.method) {
    case 'set':
      return space.set(key, recordOf(request, key, request.raw), options(request));
    case 'get':
      return space.get(key);
    case 'update':
      return update(space, key, request, MAX_TRIES);
    case 'delete':
      return space.delete(key);
    default:
      throw notSupported("Stels.webfix method '" + String(request.method) + "'");
  }
}
