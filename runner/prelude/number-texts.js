/** Numbers as text beyond what the engine writes: fractions in other radixes, numbers for people. */

var nativeToString = Number.prototype.toString;
var DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Half the distance to the next number above: how far digits need to tell numbers apart. */
function halfStep(value) {
  var view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  var low = view.getUint32(4) + 1;
  view.setUint32(4, low >>> 0);
  if (low > 0xffffffff) view.setUint32(0, view.getUint32(0) + 1);
  return Math.max(0.5 * (view.getFloat64(0) - value), 5e-324);
}

/** The shortest digits in that radix that read back as the same number. */
export function inRadix(value, radix) {
  var whole = Math.floor(value);
  var fraction = value - whole;
  var delta = halfStep(value);
  var text = '';
  var digits = [];
  var digit, rest;
  if (fraction >= delta) {
    do {
      fraction *= radix;
      delta *= radix;
      digit = Math.floor(fraction);
      digits.push(digit);
      fraction -= digit;
      if (fraction > 0.5 || (fraction === 0.5 && (digit & 1) === 1)) {
        if (fraction + delta > 1) {
          whole += roundUp(digits, radix);
          break;
        }
      }
    } while (fraction >= delta);
  }
  // Digits beyond what the number can tell apart are zeros.
  while (whole >= 0x20000000000000) {
    whole /= radix;
    text = '0' + text;
  }
  do {
    rest = whole % radix;
    text = DIGITS.charAt(Math.floor(rest)) + text;
    whole = (whole - rest) / radix;
  } while (whole > 0);
  if (digits.length === 0) return text;
  text += '.';
  for (var i = 0; i < digits.length; i++) text += DIGITS.charAt(digits[i]);
  return text;
}

/** Adds one to the last digit. @returns {number} what is carried into the whole part */
function roundUp(digits, radix) {
  while (digits.length > 0) {
    var digit = digits.pop() + 1;
    if (digit < radix) {
      digits.push(digit);
      return 0;
    }
  }
  return 1;
}

function group(digits) {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

var CURRENCIES = { USD: '$', EUR: '€', GBP: '£', JPY: '¥', UAH: 'UAH\u00a0' };

/**
 * What Intl would write in en-US.
 * @param {number} value
 * @param {object} [options] minimumFractionDigits, maximumFractionDigits, useGrouping, style, currency
 */
export function numberForPeople(value, options) {
  var isPercent, isCurrency, least, most, text, parts, sign;
  options = options || {};
  isPercent = options.style === 'percent';
  isCurrency = options.style === 'currency';
  least = options.minimumFractionDigits;
  most = options.maximumFractionDigits;
  if (least === undefined) least = isCurrency ? Math.min(2, most === undefined ? 2 : most) : 0;
  if (most === undefined) most = Math.max(least, isCurrency ? 2 : isPercent ? 0 : 3);
  if (least < 0 || most > 20 || least > most)
    throw new RangeError('maximumFractionDigits value is out of range.');
  sign = value < 0 || (value === 0 && 1 / value < 0) ? '-' : '';
  if (value !== value) {
    text = 'NaN';
    sign = '';
  } else if (Math.abs(value) === Infinity) {
    text = '∞';
  } else {
    parts = decimal(Math.abs(value), most, isPercent ? 2 : 0).split('.');
    text = parts[0].replace(/^0+(?=\d)/, '');
    if (options.useGrouping !== false) text = group(text);
    parts = (parts[1] || '').replace(/0+$/, '');
    while (parts.length < least) parts += '0';
    if (parts !== '') text += '.' + parts;
  }
  if (isCurrency) text = (CURRENCIES[options.currency] || options.currency + '\u00a0') + text;
  return sign + text + (isPercent ? '%' : '');
}

/** Decimal digits without an exponent, rounded half up on the digits people see (as Intl does). */
function decimal(value, most, shift) {
  var text = nativeToString.call(value, 10);
  var parts = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
  var digits = parts[1] + (parts[2] || '');
  var point = parts[1].length + (+parts[3] || 0) + shift;
  var kept, list, i;
  while (point <= 0) {
    digits = '0' + digits;
    point++;
  }
  while (digits.length < point) digits += '0';
  if (digits.length - point <= most) return digits.slice(0, point) + '.' + digits.slice(point);
  kept = point + most;
  list = digits.slice(0, kept).split('');
  if (digits.charAt(kept) >= '5') {
    for (i = kept - 1; i >= 0; i--) {
      if (list[i] !== '9') {
        list[i] = String(+list[i] + 1);
        break;
      }
      list[i] = '0';
    }
    if (i < 0) {
      list.unshift('1');
      point++;
    }
  }
  digits = list.join('');
  return digits.slice(0, point) + '.' + digits.slice(point);
}
