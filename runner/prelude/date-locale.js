/** Dates as en-US writes them. */
import { DAYS, MONTHS, two, isInvalid } from './date.js';

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

/** @returns {string} what toLocaleString and its kin give */
export function localText(date, options, wantsDate, wantsTime) {
  var all, dateIs, timeIs;
  if (isInvalid(date)) return 'Invalid Date';
  all = withDefaults(options, wantsDate, wantsTime);
  dateIs = localDate(date, all);
  timeIs = all.hour || all.minute || all.second ? localTime(date, all) : '';
  return dateIs && timeIs ? dateIs + ', ' + timeIs : dateIs + timeIs;
}
