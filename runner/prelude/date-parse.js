/** The date texts that V8 reads beyond ISO 8601. */
import { MONTHS } from './date.js';

var Native = Date;

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
export function parseLoosely(text) {
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
  if ((date = /^\s*(\d{1,2})\/(\d{1,2})\/(\d{4})\s*,?\s*$/.exec(rest))) {
    date = [+date[3], +date[1] - 1, +date[2]];
  } else if ((date = /^\s*(\d{4})[/-](\d{1,2})[/-](\d{1,2})\s*$/.exec(rest))) {
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
