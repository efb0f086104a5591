/** Date: texts as V8 writes them in UTC (RULES 27), and the date texts that V8 reads beyond ISO 8601. */
import { methods, globalClass } from './install.js';
import loadLocale from './date-locale.js?lazy';
import loadParse from './date-parse.js?lazy';

var Native = Date;
var prototype = Native.prototype;
var nativeParse = Native.parse;
export var DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
export var MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export function two(value) {
  return value < 10 ? '0' + value : '' + value;
}

function year(value) {
  var digits = String(Math.abs(value));
  while (digits.length < 4) digits = '0' + digits;
  return value < 0 ? '-' + digits : digits;
}

function dateText(date) {
  return (
    DAYS[date.getUTCDay()].slice(0, 3) +
    ' ' +
    MONTHS[date.getUTCMonth()].slice(0, 3) +
    ' ' +
    two(date.getUTCDate()) +
    ' ' +
    year(date.getUTCFullYear())
  );
}

function clockText(date) {
  return (
    two(date.getUTCHours()) + ':' + two(date.getUTCMinutes()) + ':' + two(date.getUTCSeconds())
  );
}

export function isInvalid(date) {
  var time = prototype.getTime.call(date);
  return time !== time;
}

var texts = {
  toString() {
    if (isInvalid(this)) return 'Invalid Date';
    return dateText(this) + ' ' + clockText(this) + ' GMT+0000 (Coordinated Universal Time)';
  },
  toDateString() {
    return isInvalid(this) ? 'Invalid Date' : dateText(this);
  },
  toTimeString() {
    return isInvalid(this)
      ? 'Invalid Date'
      : clockText(this) + ' GMT+0000 (Coordinated Universal Time)';
  },
  toUTCString() {
    if (isInvalid(this)) return 'Invalid Date';
    return (
      DAYS[this.getUTCDay()].slice(0, 3) +
      ', ' +
      two(this.getUTCDate()) +
      ' ' +
      MONTHS[this.getUTCMonth()].slice(0, 3) +
      ' ' +
      year(this.getUTCFullYear()) +
      ' ' +
      clockText(this) +
      ' GMT'
    );
  },
  toISOString() {
    var years, head;
    if (isInvalid(this)) throw new RangeError('Invalid time value');
    years = this.getUTCFullYear();
    head = String(Math.abs(years));
    while (head.length < (years < 0 || years > 9999 ? 6 : 4)) head = '0' + head;
    if (years < 0) head = '-' + head;
    else if (years > 9999) head = '+' + head;
    return (
      head +
      '-' +
      two(this.getUTCMonth() + 1) +
      '-' +
      two(this.getUTCDate()) +
      'T' +
      clockText(this) +
      '.' +
      ('00' + this.getUTCMilliseconds()).slice(-3) +
      'Z'
    );
  },
  toLocaleString(locales, options) {
    return loadLocale().localText(this, options, true, true);
  },
  toLocaleDateString(locales, options) {
    return loadLocale().localText(this, options, true, false);
  },
  toLocaleTimeString(locales, options) {
    return loadLocale().localText(this, options, false, true);
  },
};

/** ISO texts whose parts are out of range: the engine lets them overflow into the next day or month. */
function isImpossible(text) {
  var parts =
    /^([+-]\d{6}|\d{4})-(\d\d)(?:-(\d\d))?(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?$/.exec(
      text,
    );
  if (parts === null) return false;
  return (
    +parts[2] > 12 ||
    +parts[2] < 1 ||
    +parts[3] > 31 ||
    parts[3] === '00' ||
    +parts[4] > 24 ||
    (parts[4] === '24' && (+parts[5] > 0 || +parts[6] > 0)) ||
    +parts[5] > 59 ||
    +parts[6] > 59
  );
}

/** The engine reads more than this, and some of that wrongly. */
var ISO =
  /^\s*([+-]\d{6}|\d{4})(-\d\d(-\d\d)?)?(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?\s*$/;

function parse(text) {
  var time;
  text = String(text);
  // V8 takes an offset without its colon as well.
  if (/T\S*[+-]\d{4}$/.test(text)) text = text.slice(0, -2) + ':' + text.slice(-2);
  if (isImpossible(text)) return NaN;
  time = ISO.test(text) ? nativeParse(text) : NaN;
  return time === time ? time : loadParse().parseLoosely(text);
}

function make(list) {
  var value;
  switch (list.length) {
    case 0:
      return new Native();
    case 1:
      value = list[0];
      if (value !== null && typeof value === 'object') {
        if (value instanceof Native) return new Native(prototype.getTime.call(value));
        value = toPrimitive(value);
      }
      return typeof value === 'string' ? new Native(parse(value)) : new Native(value);
    default:
      return new Native(
        list[0],
        list[1],
        list.length > 2 ? list[2] : 1,
        list.length > 3 ? list[3] : 0,
        list.length > 4 ? list[4] : 0,
        list.length > 5 ? list[5] : 0,
        list.length > 6 ? list[6] : 0,
      );
  }
}

/** Text and numbers mean different things to the constructor, so an object is asked for neither. */
function toPrimitive(value) {
  var method = value[Symbol.toPrimitive];
  var result;
  if (method === undefined || method === null) {
    result = value.valueOf();
    return result !== null && typeof result === 'object' ? String(value) : result;
  }
  result = method.call(value, 'default');
  if (result !== null && typeof result === 'object')
    throw new TypeError('Cannot convert object to primitive value');
  return result;
}

/** The global Date. */
function AmidDate() {
  var date;
  if (new.target === undefined && !(this instanceof AmidDate))
    return texts.toString.call(new Native());
  date = make(arguments);
  if (Object.getPrototypeOf(this) !== prototype)
    Object.setPrototypeOf(date, Object.getPrototypeOf(this));
  return date;
}

/** @param {object} global */
export function installDate(global) {
  AmidDate.prototype = prototype;
  methods(
    AmidDate,
    {
      now: Native.now,
      parse(text) {
        return parse(text);
      },
      UTC(year) {
        // The engine wants a month at least.
        return arguments.length === 1 ? Native.UTC(year, 0) : Native.UTC.apply(Native, arguments);
      },
    },
    { UTC: 7 },
  );
  methods(prototype, texts, { toLocaleString: 0, toLocaleDateString: 0, toLocaleTimeString: 0 });
  methods(prototype, { toGMTString: texts.toUTCString });
  globalClass(global, 'Date', AmidDate, 7);
}
