/**
 * localeCompare for what people sort: letters of the Latin alphabets by letter, then accent, then case, as the root
 * collation has it. Other scripts compare by code unit.
 */
import loadNormalize from './normalize.js?lazy';

/** ASCII in the root collation's order; letters of both cases share a place. */
var ORDER = '_-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$0123456789';
var BASE = 0x100;

function primary(code) {
  var at;
  if (code >= 0x61 && code <= 0x7a) return BASE + code;
  if (code >= 0x41 && code <= 0x5a) return BASE + code + 0x20;
  if (code === 0x20) return 1;
  if (code >= 9 && code <= 13) return 0.5;
  if (code < 0x80) {
    at = ORDER.indexOf(String.fromCharCode(code));
    return at < 0 ? 0 : at + 2;
  }
  return BASE * 2 + code;
}

function isMark(code) {
  return code >= 0x300 && code <= 0x36f;
}

/** Splits into three levels: letters, accents, cases. */
function weigh(text) {
  var letters = [];
  var accents = [];
  var cases = [];
  var code;
  text = loadNormalize().decompose(text);
  for (var i = 0; i < text.length; i++) {
    code = text.charCodeAt(i);
    if (isMark(code)) {
      accents[letters.length - 1] = (accents[letters.length - 1] || 0) * 0x400 + code - 0x2ff;
    } else if (primary(code) > 0) {
      letters[letters.length] = primary(code);
      accents[letters.length - 1] = 0;
      cases[letters.length - 1] = code >= 0x41 && code <= 0x5a ? 1 : 0;
    }
  }
  return { letters: letters, accents: accents, cases: cases };
}

function compareLists(a, b) {
  var length = Math.min(a.length, b.length);
  for (var i = 0; i < length; i++) {
    if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}

/** Puts runs of digits in one place each, so that "a10" follows "a9". */
function withNumbers(letters) {
  var zero = primary(0x30);
  var list = [];
  var number = -1;
  for (var i = 0; i <= letters.length; i++) {
    var digit = letters[i] - zero;
    if (digit >= 0 && digit <= 9) {
      number = Math.max(0, number) * 10 + digit;
    } else {
      if (number >= 0) list[list.length] = zero + 1 - 1 / (number + 2);
      number = -1;
      if (i < letters.length) list[list.length] = letters[i];
    }
  }
  return list;
}

/**
 * @param {string} a
 * @param {string} b
 * @param {*} locales not looked at
 * @param {{sensitivity?: string, numeric?: boolean}} [options]
 * @returns {number} -1, 0 or 1
 */
export function compareForPeople(a, b, locales, options) {
  var left, right, order;
  var sensitivity = (options && options.sensitivity) || 'variant';
  if (a === b) return 0;
  left = weigh(a);
  right = weigh(b);
  if (options && options.numeric) {
    left.letters = withNumbers(left.letters);
    right.letters = withNumbers(right.letters);
  }
  order = compareLists(left.letters, right.letters);
  if (order === 0 && (sensitivity === 'variant' || sensitivity === 'accent')) {
    order = compareLists(left.accents, right.accents);
  }
  if (order === 0 && (sensitivity === 'variant' || sensitivity === 'case')) {
    order = compareLists(left.cases, right.cases);
  }
  return order;
}
