/**
 * The owner's script is the body of an async function. The text put before it stays on the owner's first line, so that
 * lines agree; columns of the first line are corrected here.
 */
export var PREFIX = '(function(__templates){return async function(){';
export var SUFFIX = '\n}})([])';

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
