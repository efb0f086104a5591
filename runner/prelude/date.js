/** Date: texts as V8 writes them in UTC (RULES 27), and the date texts that V8 reads beyond ISO 8601. */
import { methods, globalClass } from './install.js';

var Native = Date;
var prototype = Native.prototype;
var nativeParse = Native.parse;
var DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
var MONTHS = [
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

function two(value) {
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

function isInvalid(date) {
  var time = prototype.getTime.call(date);
  return time !== time;
}

var MONTH_STYLES = { long: 99, short: 3, narrow: 1 };

function part(value, style) {
  return style === '2-digit' ? two(value % 100) : String(value);
}

/** The date as en-US writes it, with the options that scripts use most. */
function localDate(date, options) {
  var weekday = options.weekday
    ? DAYS[date.getUTCDay()].slice(0, MONTH_STYLES[options.weekday])
    : '';
  var day = options.day ? part(date.getUTCDate(), options.day) : '';
  var years = options.year ? part(date.getUTCFullYear(), options.year) : '';
  var month = options.month;
  var text;
  if (month in MONTH_STYLES) {
    text = MONTHS[date.getUTCMonth()].slice(0, MONTH_STYLES[month]) + (day ? ' ' + day : '');
    if (years) text += (day ? ', ' : ' ') + years;
  } else {
    month = month ? part(date.getUTCMonth() + 1, month) : '';
    text = [month, day, years].filter(String).join('/');
  }
  return weekday && text ? weekday + ', ' + text : weekday + text;
}

function localTime(date, options) {
  var hours = date.getUTCHours();
  var isHalfDay = options.hour12 !== false && options.hourCycle !== 'h23';
  var shown = isHalfDay ? hours % 12 || 12 : hours;
  var parts = [];
  if (options.hour)
    parts.push(!isHalfDay || options.hour === '2-digit' ? two(shown) : String(shown));
  if (options.minute) parts.push(two(date.getUTCMinutes()));
  if (options.second) parts.push(two(date.getUTCSeconds()));
  return parts.join(':') + (isHalfDay && options.hour ? (hours < 12 ? ' AM' : ' PM') : '');
}

function withDefaults(options, date, time) {
  var result = {};
  var given = Object(options);
  var asked = ['weekday', 'year', 'month', 'day', 'hour', 'minute', 'second'];
  var isAsked = asked.some(function (name) {
    return given[name] !== undefined;
  });
  for (var key in given) result[key] = given[key];
  if (!isAsked && date) result.year = result.month = result.day = 'numeric';
  if (!isAsked && time) result.hour = result.minute = result.second = 'numeric';
  return result;
}

function localText(date, options, wantsDate, wantsTime) {
  var all, dateIs, timeIs;
  if (isInvalid(date)) return 'Invalid Date';
  all = withDefaults(options, wantsDate, wantsTime);
  dateIs = localDate(date, all);
  timeIs = all.hour || all.minute || all.second ? localTime(date, all) : '';
  return dateIs && timeIs ? dateIs + ', ' + timeIs : dateIs + timeIs;
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
    return localText(this, options, true, true);
  },
  toLocaleDateString(locales, options) {
    return localText(this, options, true, false);
  },
  toLocaleTimeString(locales, options) {
    return localText(this, options, false, true);
  },
};

function monthOf(word) {
  for (var i = 0; i < 12; i++) {
    if (MONTHS[i].slice(0, 3).toLowerCase() === word.slice(0, 3)) return i;
  }
  return -1;
}

function zoneOf(sign, hours, minutes) {
  return (sign === '-' ? -1 : 1) * (+hours * 60 + (+minutes || 0));
}

/**
 * The forms people write: "Jan 2, 2020 10:00", "2 January 2020", "Thu, 02 Jan 2020 10:00:00 GMT", "1/2/2020 3:04 PM".
 * @returns {number} milliseconds, or NaN
 */
function parseLoosely(text) {
  var clock = /(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?\s*(am|pm)?/i.exec(text);
  var zone = /(?:gmt|utc|z)?\s*([+-])(\d{2}):?(\d{2})?\s*(?:\(.*\))?$/i.exec(text);
  var rest = text.replace(/\(.*?\)/g, ' ');
  var hours = 0;
  var offset = 0;
  var date, month;
  if (clock) {
    hours = +clock[1];
    if (clock[5]) hours = (hours % 12) + (/p/i.test(clock[5]) ? 12 : 0);
    rest = rest.slice(0, clock.index);
    if (zone && zone.index >= clock.index + clock[0].length - 1)
      offset = zoneOf(zone[1], zone[2], zone[3]);
  }
  rest = rest.toLowerCase();
  if ((date = /^\s*(\d{1,2})[\/](\d{1,2})[\/](\d{4})\s*,?\s*$/.exec(rest))) {
    date = [+date[3], +date[1] - 1, +date[2]];
  } else if ((date = /^\s*(\d{4})[\/-](\d{1,2})[\/-](\d{1,2})\s*$/.exec(rest))) {
    date = [+date[1], +date[2] - 1, +date[3]];
  } else if (
    (date =
      /^(?:\s*[a-z]+,?)?\s*(\d{1,2})[\s-]+([a-z]{3,})\.?[\s,-]+(\d{4})\s*(?:gmt|utc|z)?\s*$/.exec(
        rest,
      ))
  ) {
    month = monthOf(date[2]);
    date = [+date[3], month, +date[1]];
  } else if (
    (date =
      /^(?:\s*(?:sun|mon|tue|wed|thu|fri|sat)[a-z]*,?)?\s*([a-z]{3,})\.?\s+(\d{1,2})\s*,?\s+(\d{4})\s*,?\s*(?:gmt|utc|z)?\s*$/.exec(
        rest,
      ))
  ) {
    month = monthOf(date[1]);
    date = [+date[3], month, +date[2]];
  } else if ((date = /^\s*([a-z]{3,})\s+(\d{4})\s*$/.exec(rest))) {
    date = [+date[2], monthOf(date[1]), 1];
  } else {
    return NaN;
  }
  if (date[1] < 0 || date[1] > 11 || date[2] < 1 || date[2] > 31 || hours > 24) return NaN;
  return (
    Native.UTC(
      date[0],
      date[1],
      date[2],
      hours,
      clock ? +clock[2] : 0,
      clock && clock[3] ? +clock[3] : 0,
      milliseconds(clock),
    ) -
    offset * 60000
  );
}

function milliseconds(clock) {
  return clock && clock[4] ? Math.round(+('0.' + clock[4]) * 1000) : 0;
}

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
    +parts[5] > 59 ||
    +parts[6] > 59
  );
}

function parse(text) {
  var time;
  text = String(text);
  if (isImpossible(text)) return NaN;
  time = /^\s*([+-]\d{6}|\d{4})(-\d\d(-\d\d)?)?(T.*)?\s*$/.test(text) ? nativeParse(text) : NaN;
  return time === time ? time : parseLoosely(text);
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

function toPrimitive(value) {
  var result = value.valueOf();
  return result !== null && typeof result === 'object' ? String(value) : result;
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

function utc(year) {
  // The engine wants a month at least.
  return arguments.length === 1 ? Native.UTC(year, 0) : Native.UTC.apply(Native, arguments);
}

/** @param {object} global */
export function installDate(global) {
  AmidDate.prototype = prototype;
  methods(AmidDate, {
    now: Native.now,
    parse: parse,
    UTC: utc,
  });
  methods(prototype, texts, { toLocaleString: 0, toLocaleDateString: 0, toLocaleTimeString: 0 });
  methods(prototype, { toGMTString: texts.toUTCString });
  globalClass(global, 'Date', AmidDate, 7);
}
