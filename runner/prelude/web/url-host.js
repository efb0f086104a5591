/** Hosts of URLs: names, IPv4 in its many spellings, IPv6, opaque ones. */
import loadIdna from './idna.js?lazy';
import { encodeWith, isControl, decodePercent } from './url-text.js';

var FORBIDDEN_HOST = /[\0\t\n\r #/:<>?@[\\\]^|]/;
var FORBIDDEN_DOMAIN = /[\0-\x20#%/:<>?@[\\\]^|\x7f]/;

/** @returns {number} NaN if the text is no number */
function ipv4Number(text) {
  var radix = 10;
  if (text === '') return NaN;
  if (/^0[xX]/.test(text)) {
    text = text.slice(2);
    radix = 16;
  } else if (text.length > 1 && text.charAt(0) === '0') {
    text = text.slice(1);
    radix = 8;
  }
  if (text === '') return 0;
  if (!(radix === 10 ? /^[0-9]+$/ : radix === 8 ? /^[0-7]+$/ : /^[0-9a-fA-F]+$/).test(text))
    return NaN;
  return parseInt(text, radix);
}

function endsInNumber(host) {
  var parts = host.split('.');
  var last = parts.pop();
  if (last === '') {
    if (parts.length === 0) return false;
    last = parts.pop();
  }
  return /^[0-9]+$/.test(last) || /^0[xX][0-9a-fA-F]*$/.test(last);
}

/** @returns {string|null} four decimal numbers; null if it is none */
function parseIpv4(host) {
  var parts = host.split('.');
  var numbers, last, address;
  if (parts[parts.length - 1] === '' && parts.length > 1) parts.pop();
  if (parts.length > 4) return null;
  numbers = parts.map(ipv4Number);
  last = numbers.pop();
  address = 0;
  for (var i = 0; i < numbers.length; i++) {
    if (!(numbers[i] <= 255)) return null;
    address = address * 256 + numbers[i];
  }
  var rest = Math.pow(256, 4 - numbers.length);
  if (!(last < rest)) return null;
  address = address * rest + last;
  return [24, 16, 8, 0]
    .map(function (shift) {
      return Math.floor(address / Math.pow(2, shift)) % 256;
    })
    .join('.');
}

/** The last 32 bits of an IPv6 address in dotted form, as two pieces; null if it is none. */
function embeddedIpv4(text) {
  var parts = text.split('.');
  var numbers;
  if (parts.length !== 4) return null;
  for (var i = 0; i < 4; i++) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(parts[i]) || +parts[i] > 255) return null;
  }
  numbers = parts.map(Number);
  return [numbers[0] * 256 + numbers[1], numbers[2] * 256 + numbers[3]];
}

function pieces(text) {
  var found = [];
  var parts = text === '' ? [] : text.split(':');
  for (var i = 0; i < parts.length; i++) {
    if (/^[0-9a-fA-F]{1,4}$/.test(parts[i])) {
      found.push(parseInt(parts[i], 16));
    } else {
      var pair = i === parts.length - 1 ? embeddedIpv4(parts[i]) : null;
      if (pair === null) return null;
      found.push(pair[0], pair[1]);
    }
  }
  return found;
}

function parseIpv6(text) {
  var halves = text.split('::');
  var before, after;
  if (halves.length > 2) return null;
  before = pieces(halves[0]);
  if (halves.length === 1) return before !== null && before.length === 8 ? before : null;
  after = pieces(halves[1]);
  // Dots may only stand at the very end.
  if (before === null || after === null || halves[0].indexOf('.') >= 0) return null;
  if (before.length + after.length > 7) return null;
  while (before.length + after.length < 8) before.push(0);
  return before.concat(after);
}

/** The longest run of two or more zeros is left out. */
function ipv6Text(address) {
  var best = -1;
  var bestLength = 1;
  for (var i = 0; i < 8; i++) {
    var length = 0;
    while (i + length < 8 && address[i + length] === 0) length++;
    if (length > bestLength) {
      best = i;
      bestLength = length;
    }
    if (length > 0) i += length - 1;
  }
  var hex = address.map(function (piece) {
    return piece.toString(16);
  });
  if (best < 0) return hex.join(':');
  return hex.slice(0, best).join(':') + '::' + hex.slice(best + bestLength).join(':');
}

function parseDomain(text) {
  var domain = text.indexOf('%') >= 0 ? decodePercent(text) : text;
  var ascii;
  if (/^[\0-\x7f]*$/.test(domain) && !/(^|\.)xn--/i.test(domain)) ascii = domain.toLowerCase();
  else ascii = loadIdna().domainToAscii(domain);
  if (ascii === null || ascii === '' || FORBIDDEN_DOMAIN.test(ascii)) return null;
  return endsInNumber(ascii) ? parseIpv4(ascii) : ascii;
}

/**
 * @param {string} text
 * @param {boolean} isSpecial whether the scheme is one of the web's
 * @returns {string|null} the host as URLs show it, null if it is not valid
 */
export function parseHost(text, isSpecial) {
  var address;
  if (text.charAt(0) === '[') {
    if (text.charAt(text.length - 1) !== ']') return null;
    address = parseIpv6(text.slice(1, -1));
    return address === null ? null : '[' + ipv6Text(address) + ']';
  }
  if (isSpecial) return parseDomain(text);
  return FORBIDDEN_HOST.test(text) ? null : encodeWith(text, isControl);
}
