/** The compiled form of a regular expression that the engine cannot run. Loaded when a script first has one. */
import { parsePattern, needsOwnMatcher } from './pattern.js';
import { makeMatcher } from './matcher.js';

var CACHE_SIZE = 32;

var cache = Object.create(null);
var cached = 0;

function Program(parsed) {
  this.match = makeMatcher(parsed);
  this.names = parsed.names;
}

/** @returns {Program|undefined} undefined where the engine does it */
export function programFor(pattern, flags) {
  var key = flags + '/' + pattern;
  var parsed;
  if (cache[key] !== undefined) return cache[key] || undefined;
  if (cached >= CACHE_SIZE) {
    cache = Object.create(null);
    cached = 0;
  }
  parsed = parsePattern(pattern, flags);
  cached++;
  cache[key] = needsOwnMatcher(parsed, pattern) ? new Program(parsed) : false;
  return cache[key] || undefined;
}
