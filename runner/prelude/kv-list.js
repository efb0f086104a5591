/** Listing a key-value space page by page. */
import { methods } from './install.js';
import { asyncIteratorPrototype } from './iterators.js';
import { Promise } from './promise.js';
import { awaitReply } from './requests.js';
import { promised, toEntry, kvList, taggedPart } from './kv.js';

var PAGE = 100;
var MAX_PAGE = 500;

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

/** What list returns: entries page by page, `cursor` to go on later. */
export function Listing(space, selector, options) {
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
  return awaitReply(kvList(listing.__H_space, request(listing)), null).then(function (page) {
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
