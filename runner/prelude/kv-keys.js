/** Calls about several keys at once. */
import { Promise } from './promise.js';
import { hostCall } from './requests.js';
import { checkKey, entryOf, kvKeys, missing } from './kv.js';
import loadTags from './kv-tags.js?lazy';

/** As Deno's. */
var KEYS_MAX = 10;

/** @returns {Array[]} the keys, each checked and copied */
export function checkKeys(keys) {
  var list = Array.from(keys, function (key) {
    return checkKey(key).slice();
  });
  if (list.length > KEYS_MAX) throw new TypeError('Too many keys (max ' + KEYS_MAX + ')');
  return list;
}

/** @param {?Array} state what the supervisor answers for a key: null or [versionstamp, value] */
export function stateEntry(key, state) {
  if (state === null) return missing(key);
  return entryOf({ key: key, versionstamp: state[0] }, loadTags().untag(state[1]));
}

export function getMany(space, keys) {
  var list = checkKeys(keys);
  if (list.length === 0) return Promise.resolve([]);
  return hostCall('KV_GET_MANY', { space: space }, kvKeys(list), function (states) {
    return states.map(function (state, i) {
      return stateEntry(list[i], state);
    });
  });
}
