/** Listing a key-value space page by page. */
import { methods } from './install.js';
import { asyncIteratorPrototype } from './iterators.js';
import { Promise } from './promise.js';
import { awaitReply } from './requests.js';
import { promised, toEntry, kvList, taggedPart } from './kv.js';

var PAGE = 100;
var MAX_PAGE = 500;
/** Deno's limit; pages of ours are smaller. */
var MAX_BATCH = 1000;

/** A cursor names the last key given out: readable text, every part with its type. */
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

function keyOf(selector, name) {
  var key = selector[name];
  if (key !== undefined && !Array.isArray(key)) throw new TypeError(name + ' must be an array');
  return key;
}

/** Deno's rules; that start and end lie under the prefix is checked where they are encoded. */
function checkSelector(selector) {
  var prefix, start, end;
  if (selector === null || typeof selector !== 'object') {
    throw new TypeError(
      'list takes a selector: {prefix}, {start, end} or a prefix with one of them',
    );
  }
  prefix = keyOf(selector, 'prefix');
  start = keyOf(selector, 'start');
  end = keyOf(selector, 'end');
  if (prefix !== undefined && start !== undefined && end !== undefined) {
    throw new TypeError(
      "Selector can not specify both 'start' and 'end' key when specifying 'prefix'",
    );
  }
  if (prefix === undefined && (start === undefined || end === undefined)) {
    throw new TypeError("Selector must specify either 'prefix' or both 'start' and 'end' key");
  }
  return { prefix: prefix, start: start, end: end };
}

function positive(options, name, otherwise) {
  var value = options[name];
  if (value === undefined) return otherwise;
  if (!(Math.floor(+value) > 0)) {
    throw new TypeError(name + ' must be a positive integer: received ' + String(value));
  }
  return Math.floor(+value);
}

/** What list returns: entries page by page, `cursor` to go on later. */
export function Listing(space, selector, options) {
  var batch = positive(options, 'batchSize', PAGE);
  if (batch > MAX_BATCH) throw new TypeError('Too many entries (max ' + MAX_BATCH + ')');
  this.__H_space = space;
  this.__H_selector = checkSelector(selector);
  this.__H_left = positive(options, 'limit', Infinity);
  this.__H_reverse = !!options.reverse;
  this.__H_page = Math.min(MAX_PAGE, batch);
  this.__H_entries = [];
  this.__H_at = 0;
  this.__H_pageCursor = null;
  this.__H_last = options.cursor ? decodeCursor(options.cursor) : null;
  this.__H_skip = this.__H_last;
  this.__H_cursor = null;
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

/** Once everything has been read there is nothing to go on with. */
function exhausted(listing) {
  listing.__H_cursor = '';
  listing.__H_left = 0;
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
  listing.__H_cursor = null;
  return { value: toEntry(found), done: false };
}

function advance(listing) {
  if (listing.__H_left <= 0) return { value: undefined, done: true };
  if (listing.__H_at < listing.__H_entries.length) return take(listing);
  if (listing.__H_pageCursor === '') return exhausted(listing);
  return awaitReply(kvList(listing.__H_space, request(listing)), null).then(function (page) {
    listing.__H_entries = page.entries;
    listing.__H_at = 0;
    listing.__H_pageCursor = page.cursor || '';
    return page.entries.length === 0 ? exhausted(listing) : advance(listing);
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
    if (this.__H_cursor !== null) return this.__H_cursor;
    if (this.__H_last === null) throw new Error('Cannot get cursor before first iteration');
    return encodeCursor(this.__H_last);
  },
});
