/**
 * The owner's script is the body of an async function, a file of a package the body of a plain one. The text put before
 * it stays on the first line, so that lines agree; columns of the first line are corrected here.
 */

/** What is compiled; `kind` of the options says which. */
export var WORKER = 'worker';
export var COMMONJS = 'commonjs';
export var MODULE = 'module';

var PREFIXES = {
  worker: '(function(__templates){return async function(){',
  commonjs:
    '(function(__templates){return function(exports,require,module,__filename,__dirname,__import,__dynamicImport){',
  module:
    '(function(__templates){return function(__exports,__import,__dynamicImport){"use strict";',
};
export var SUFFIX = '\n}})([])';

/** Of the text being compiled. */
export var kind = WORKER;
export var PREFIX = PREFIXES.worker;

export function setKind(wanted) {
  kind = PREFIXES[wanted] === undefined ? WORKER : wanted;
  PREFIX = PREFIXES[kind];
}

/** Where the block of the function around the text begins, as its node tells it. */
export function bodyStart() {
  return PREFIX.lastIndexOf('{');
}

export function wrapSource(source) {
  return PREFIX + source + SUFFIX;
}

/** Line starts of the owner's own text. */
export function lineStarts(source) {
  var starts = [0];
  for (var i = 0; i < source.length; i++) {
    var code = source.charCodeAt(i);
    if (code === 13 && source.charCodeAt(i + 1) === 10) continue;
    if (code === 10 || code === 13 || code === 0x2028 || code === 0x2029) starts.push(i + 1);
  }
  return starts;
}

/** @returns {{line: number, column: number}} from 1, in UTF-16 units, of an offset in the wrapped text */
export function placeOf(starts, offset, length) {
  var at = Math.max(0, Math.min(offset - PREFIX.length, length));
  var low = 0;
  var high = starts.length - 1;
  while (low < high) {
    var middle = (low + high + 1) >> 1;
    if (starts[middle] <= at) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: at - starts[low] + 1 };
}
