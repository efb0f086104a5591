/** Character properties that `\p{…}` knows, as ranges of code points; see unicode-table.js. */
import { UNICODE_TABLE } from './unicode-table.js';

var LONG_NAMES = {
  Letter: 'L',
  Uppercase_Letter: 'Lu',
  Lowercase_Letter: 'Ll',
  Number: 'N',
  Decimal_Number: 'Nd',
  Punctuation: 'P',
  Symbol: 'S',
  Separator: 'Z',
  Mark: 'M',
  Alpha: 'Alphabetic',
  Upper: 'Uppercase',
  Lower: 'Lowercase',
  space: 'White_Space',
  EPres: 'Emoji_Presentation',
  ExtPict: 'Extended_Pictographic',
};
var decoded = {};

/** Differences in base 36, comma between them: a shared string costs less than an array in every heap. */
function decode(text) {
  var last = 0;
  return text.split(',').map(function (difference) {
    last += parseInt(difference, 36);
    return last;
  });
}

/** @returns {number[]|undefined} low, high, low, high, … in ascending order */
export function propertyRanges(name) {
  var match = /^(?:General_Category|gc)=(.*)$/.exec(name);
  if (match) name = match[1];
  match = /^(?:Script|sc|Script_Extensions|scx)=(.*)$/.exec(name);
  if (match) name = 'Script=' + match[1];
  if (name === 'Any') return [0, 0x10ffff];
  if (name === 'ASCII') return [0, 0x7f];
  if (Object.prototype.hasOwnProperty.call(LONG_NAMES, name)) name = LONG_NAMES[name];
  if (!Object.prototype.hasOwnProperty.call(UNICODE_TABLE, name)) return undefined;
  if (decoded[name] === undefined) decoded[name] = decode(UNICODE_TABLE[name]);
  return decoded[name];
}
