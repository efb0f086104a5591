/** JSON: well-formed texts for lone surrogates, symbols, and errors of parse and stringify in V8's words. */
import { methods, constant } from './install.js';
import loadFaults from './json-faults.js?lazy';

/** The engine's own: faster, in its own words, and lone surrogates stay what they are. */
export var nativeParse = JSON.parse;
export var nativeStringify = JSON.stringify;
var LONE = /[\ud800-\udfff]/;
var PAIRS_AND_LONE = /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;

function escapeLone(match) {
  return match.length === 2 ? match : '\\u' + match.charCodeAt(0).toString(16);
}

/** U+2028 and U+2029 stand as they are in JSON texts; the engine escapes them. */
function plainSeparators(text) {
  return text.replace(/\\(?:\\|u2028|u2029)/g, function (match) {
    if (match.length === 2) return match;
    return match.charAt(5) === '8' ? '\u2028' : '\u2029';
  });
}

var added = {
  parse(text, reviver) {
    if (typeof text === 'symbol') {
      throw new TypeError('Cannot convert a Symbol value to a string');
    }
    text = String(text);
    try {
      return reviver === undefined ? nativeParse(text) : nativeParse(text, reviver);
    } catch (error) {
      if (!(error instanceof SyntaxError) || !/^invalid json/.test(error.message)) throw error;
      throw new SyntaxError(loadFaults().explain(text));
    }
  },
  stringify(value, replacer, space) {
    var text;
    try {
      text = nativeStringify(value, replacer, space);
    } catch (error) {
      if (error instanceof TypeError && error.message === 'cyclic input') {
        throw new TypeError('Converting circular structure to JSON');
      }
      throw error;
    }
    if (text === undefined) return text;
    if (LONE.test(text)) text = text.replace(PAIRS_AND_LONE, escapeLone);
    return text.indexOf('\\u202') < 0 ? text : plainSeparators(text);
  },
};

export function installJson() {
  methods(JSON, added, { parse: 2, stringify: 3 });
  constant(JSON, Symbol.toStringTag, 'JSON');
}
