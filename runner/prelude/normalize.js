/**
 * String.prototype.normalize for the scripts that owners write in: Latin, Greek, Cyrillic and Hangul, and the
 * compatibility forms met most. Other letters stay as they are. The tables are built when first used.
 */
import { PAIRS } from './normalize-table.js';

var HANGUL = 0xac00;
var LEAD = 0x1100;
var VOWEL = 0x1161;
var TAIL = 0x11a7;
var COMPATIBLE = {
  '\u00a0': ' ',
  '\u00aa': 'a',
  '\u00b2': '2',
  '\u00b3': '3',
  '\u00b5': '\u03bc',
  '\u00b9': '1',
  '\u00ba': 'o',
  '\u00bc': '1\u20444',
  '\u00bd': '1\u20442',
  '\u00be': '3\u20444',
  '\u2026': '...',
  '\u2122': 'TM',
  '\u3000': ' ',
  '\ufb00': 'ff',
  '\ufb01': 'fi',
  '\ufb02': 'fl',
  '\ufb03': 'ffi',
  '\ufb04': 'ffl',
};

var parts = null;
var wholes = null;

function build() {
  parts = Object.create(null);
  wholes = Object.create(null);
  for (var i = 0; i < PAIRS.length; i += 3) {
    var pair = PAIRS.substr(i + 1, 2);
    parts[PAIRS.charAt(i)] = pair;
    wholes[pair] = PAIRS.charAt(i);
  }
}

function isPlain(text) {
  return !/[\u0080-\uffff]/.test(text);
}

/** The canonical combining class, for marks that the table knows. */
function rank(char) {
  var code = char.charCodeAt(0);
  if (code < 0x300 || code > 0x36f) return 0;
  if (code === 0x345) return 240;
  if (code === 0x327 || code === 0x328) return 202;
  if (code === 0x31b) return 216;
  if ((code >= 0x323 && code <= 0x326) || (code >= 0x32d && code <= 0x331)) return 220;
  return 230;
}

function decomposeChar(char) {
  var code, pair, offset, tail;
  pair = parts[char];
  if (pair !== undefined) return decomposeChar(pair.charAt(0)) + pair.charAt(1);
  code = char.charCodeAt(0);
  if (code < HANGUL || code > 0xd7a3) return char;
  offset = code - HANGUL;
  tail = offset % 28;
  return (
    String.fromCharCode(LEAD + Math.floor(offset / 588), VOWEL + Math.floor((offset % 588) / 28)) +
    (tail ? String.fromCharCode(TAIL + tail) : '')
  );
}

function inOrder(chars) {
  for (var i = 1; i < chars.length; i++) {
    var char = chars[i];
    var own = rank(char);
    for (var j = i; own > 0 && j > 0 && rank(chars[j - 1]) > own; j--) chars[j] = chars[j - 1];
    chars[j] = char;
  }
  return chars;
}

/** @returns {string} the text with letters and their marks apart */
export function decompose(text) {
  var result = '';
  if (isPlain(text)) return text;
  if (parts === null) build();
  for (var i = 0; i < text.length; i++) result += decomposeChar(text.charAt(i));
  return inOrder(result.split('')).join('');
}

function compatible(text) {
  return text.replace(
    /[\u00a0-\u00be\u2026\u2122\u3000\ufb00-\ufb04\uff01-\uff5e]/g,
    function (char) {
      if (char >= '\uff01') return String.fromCharCode(char.charCodeAt(0) - 0xfee0);
      return COMPATIBLE[char] || char;
    },
  );
}

function composePair(first, second) {
  var a = first.charCodeAt(0);
  var b = second.charCodeAt(0);
  if (a >= LEAD && a < LEAD + 19 && b >= VOWEL && b < VOWEL + 21) {
    return String.fromCharCode(HANGUL + ((a - LEAD) * 21 + b - VOWEL) * 28);
  }
  if (a >= HANGUL && a <= 0xd7a3 && (a - HANGUL) % 28 === 0 && b > TAIL && b < TAIL + 28) {
    return String.fromCharCode(a + b - TAIL);
  }
  return wholes[first + second];
}

function compose(text) {
  var result = [];
  var starter = -1;
  var last = 0;
  for (var i = 0; i < text.length; i++) {
    var char = text.charAt(i);
    var own = rank(char);
    var whole =
      starter >= 0 && (last < own || last === 0) ? composePair(result[starter], char) : undefined;
    if (whole !== undefined && (last === 0 ? starter === result.length - 1 : true)) {
      result[starter] = whole;
      continue;
    }
    if (own === 0) starter = result.length;
    last = own;
    result[result.length] = char;
  }
  return result.join('');
}

/** @param {string} form NFC, NFD, NFKC or NFKD */
export function normalizeText(text, form) {
  if (isPlain(text)) return text;
  if (form.charAt(2) === 'K') text = compatible(text);
  text = decompose(text);
  return form.charAt(form.length - 1) === 'C' ? compose(text) : text;
}
