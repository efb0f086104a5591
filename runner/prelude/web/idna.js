/**
 * Names of hosts beyond ASCII: what UTS #46 calls ToASCII, with the mapping that the built-in `normalize` and
 * `toLowerCase` know, and punycode (RFC 3492).
 */

var BASE = 36;
var T_MIN = 1;
var T_MAX = 26;
var SKEW = 38;
var DAMP = 700;
var INITIAL_BIAS = 72;
var INITIAL_N = 128;
var MAX_CODE_POINT = 0x10ffff;

// Ranges of characters, first and last each in turn.

/** Left out of names: soft hyphen, joiners that stand nowhere, variation selectors, the byte order mark. */
var IGNORED = [
  0xad, 0xad, 0x34f, 0x34f, 0x180b, 0x180d, 0x200b, 0x200b, 0x2060, 0x2060, 0x2064, 0x2064, 0xfe00,
  0xfe0f, 0xfeff, 0xfeff,
];
/** No name holds controls, blanks, halves of characters, private use, noncharacters, marks of direction. */
var REFUSED = [
  0x80, 0x9f, 0xa0, 0xa0, 0x600, 0x605, 0x61c, 0x61c, 0x6dd, 0x6dd, 0x115f, 0x115f, 0x1160, 0x1160,
  0x1680, 0x1680, 0x17b4, 0x17b4, 0x17b5, 0x17b5, 0x180e, 0x180e, 0x2000, 0x200f, 0x2028, 0x202f,
  0x205f, 0x205f, 0x2061, 0x206f, 0x3000, 0x3000, 0x3164, 0x3164, 0xe000, 0xf8ff, 0xfdd0, 0xfdef,
  0xffa0, 0xffa0, 0xfff0, 0xffff,
];
/** No label begins with a mark that changes the character before it. */
var COMBINING = [
  0x300, 0x36f, 0x483, 0x489, 0x591, 0x5bd, 0x64b, 0x65f, 0x1ab0, 0x1aff, 0x1dc0, 0x1dff, 0x20d0,
  0x20ff, 0xfe20, 0xfe2f,
];
var DOTS = /[\u3002\uff0e\uff61]/g;

function isIn(ranges, text, at) {
  var code = text.charCodeAt(at);
  for (var i = 0; i < ranges.length; i += 2)
    if (code >= ranges[i] && code <= ranges[i + 1]) return true;
  return false;
}

function hasAny(ranges, text) {
  for (var i = 0; i < text.length; i++) if (isIn(ranges, text, i)) return true;
  return false;
}

function without(ranges, text) {
  return Array.prototype.filter
    .call(text, function (_, i) {
      return !isIn(ranges, text, i);
    })
    .join('');
}

function adapt(delta, count, isFirst) {
  var k = 0;
  delta = isFirst ? Math.floor(delta / DAMP) : delta >> 1;
  delta += Math.floor(delta / count);
  for (; delta > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE)
    delta = Math.floor(delta / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * delta) / (delta + SKEW));
}

function threshold(k, bias) {
  return k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
}

function digitText(digit) {
  return String.fromCharCode(digit < 26 ? digit + 97 : digit + 22);
}

function digitOf(code) {
  if (code >= 0x30 && code <= 0x39) return code - 22;
  code |= 0x20;
  return code >= 0x61 && code <= 0x7a ? code - 0x61 : BASE;
}

function codePoints(text) {
  return Array.from(text, function (character) {
    return character.codePointAt(0);
  });
}

/** @returns {string} a label that is not ASCII, without the prefix */
function encodeLabel(points) {
  var output = '';
  var n = INITIAL_N;
  var delta = 0;
  var bias = INITIAL_BIAS;
  var basic, handled, next, q, k, t;
  points.forEach(function (point) {
    if (point < 0x80) output += String.fromCharCode(point);
  });
  basic = handled = output.length;
  if (basic > 0) output += '-';
  while (handled < points.length) {
    next = MAX_CODE_POINT;
    for (var i = 0; i < points.length; i++)
      if (points[i] >= n && points[i] < next) next = points[i];
    delta += (next - n) * (handled + 1);
    n = next;
    for (i = 0; i < points.length; i++) {
      if (points[i] < n) delta++;
      if (points[i] !== n) continue;
      q = delta;
      for (k = BASE; ; k += BASE) {
        t = threshold(k, bias);
        if (q < t) break;
        output += digitText(t + ((q - t) % (BASE - t)));
        q = Math.floor((q - t) / (BASE - t));
      }
      output += digitText(q);
      bias = adapt(delta, handled + 1, handled === basic);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return output;
}

/** @returns {number[]|null} the code points of a label's text after the prefix */
function decodeLabel(text) {
  var at = text.lastIndexOf('-');
  var points = at > 0 ? codePoints(text.slice(0, at)) : [];
  var n = INITIAL_N;
  var bias = INITIAL_BIAS;
  var i = 0;
  var before, weight, digit, t;
  at = at > 0 ? at + 1 : 0;
  while (at < text.length) {
    before = i;
    weight = 1;
    for (var k = BASE; ; k += BASE) {
      digit = at < text.length ? digitOf(text.charCodeAt(at++)) : BASE;
      if (digit >= BASE) return null;
      i += digit * weight;
      t = threshold(k, bias);
      if (digit < t) break;
      weight *= BASE - t;
      if (i > MAX_CODE_POINT * 256) return null;
    }
    bias = adapt(i - before, points.length + 1, before === 0);
    n += Math.floor(i / (points.length + 1));
    i %= points.length + 1;
    if (n > MAX_CODE_POINT || (n >= 0xd800 && n <= 0xdfff)) return null;
    points.splice(i++, 0, n);
  }
  return points;
}

function textOf(points) {
  return points
    .map(function (point) {
      return String.fromCodePoint(point);
    })
    .join('');
}

function map(text) {
  return without(IGNORED, text).toLowerCase().normalize('NFKC').toLowerCase().normalize('NFC');
}

function widthMapped(text) {
  return text.replace(/[\uff01-\uff5e]/g, function (character) {
    return String.fromCharCode(character.charCodeAt(0) - 0xfee0);
  });
}

function isAscii(text) {
  return /^[\0-\x7f]*$/.test(text);
}

function labelToAscii(label) {
  var points, decoded;
  if (/^xn--/.test(label)) {
    if (!isAscii(label)) return null;
    points = decodeLabel(label.slice(4));
    if (points === null || points.length === 0) return null;
    decoded = textOf(points);
    // Only what the mapping itself would have made.
    if (
      isAscii(decoded) ||
      map(decoded) !== decoded ||
      hasAny(REFUSED, decoded) ||
      isIn(COMBINING, decoded, 0)
    )
      return null;
    return 'xn--' + encodeLabel(points) === label ? label : null;
  }
  if (isAscii(label)) return label;
  if (hasAny(REFUSED, label) || isIn(COMBINING, label, 0)) return null;
  return 'xn--' + encodeLabel(codePoints(label));
}

/** @returns {string|null} the name as DNS knows it; null if it cannot be one */
export function domainToAscii(domain) {
  var labels = map(widthMapped(domain.replace(DOTS, '.'))).split('.');
  for (var i = 0; i < labels.length; i++) {
    labels[i] = labelToAscii(labels[i]);
    if (labels[i] === null) return null;
  }
  return labels.join('.');
}
