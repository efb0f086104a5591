/** String: what the engine lacks of ES2022, and the well-known symbols in match, replace, search and split. */
import { methods, symbolMethod } from './install.js';
import loadCollation from './collation.js?lazy';
import loadNormalize from './normalize.js?lazy';
import { makeIteratorPrototype } from './iterators.js';

var prototype = String.prototype;
var nativeTrim = prototype.trim;
var native = {
  match: prototype.match,
  replace: prototype.replace,
  search: prototype.search,
  split: prototype.split,
};
var WHITE =
  '[\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]+';
var WHITE_AT_START = new RegExp('^' + WHITE);
var WHITE_AT_END = new RegExp(WHITE + '$');

function textOf(value, method) {
  if (value === null || value === undefined) {
    throw new TypeError('String.prototype.' + method + ' called on null or undefined');
  }
  return typeof value === 'symbol' ? failSymbol() : String(value);
}

function failSymbol() {
  throw new TypeError('Cannot convert a Symbol value to a string');
}

function toInteger(value) {
  value = Math.trunc(+value);
  return value !== value ? 0 : value;
}

function padding(text, length, filler) {
  var count = Math.min(toInteger(length), 0x7fffffff) - text.length;
  filler = filler === undefined ? ' ' : String(filler);
  if (count <= 0 || filler === '') return '';
  if (count > 0x1fffffe8) throw new RangeError('Invalid string length');
  return filler.repeat(Math.ceil(count / filler.length)).slice(0, count);
}

/** Asks the argument for a well-known symbol's method. */
function delegate(pattern, symbol) {
  var method;
  if (pattern === null || (typeof pattern !== 'object' && typeof pattern !== 'function'))
    return undefined;
  method = pattern[symbol];
  return method === null ? undefined : method;
}

function isRegExp(value) {
  var match;
  if (value === null || typeof value !== 'object') return false;
  match = value[Symbol.match];
  return match === undefined ? value instanceof RegExp : !!match;
}

/** What `$1`, `$&` and the like in a replacement stand for, where the thing replaced is plain text. */
function expand(template, text, wanted, at) {
  if (template.indexOf('$') < 0) return template;
  return native.replace.call(template, /\$([$&`'])/g, function (all, sign) {
    if (sign === '$') return '$';
    if (sign === '&') return wanted;
    return sign === '`' ? text.slice(0, at) : text.slice(at + wanted.length);
  });
}

function replaceEach(text, wanted, replacement) {
  var result = '';
  var end = 0;
  var step = Math.max(1, wanted.length);
  var isFunction = typeof replacement === 'function';
  if (!isFunction) replacement = String(replacement);
  for (
    var at = text.indexOf(wanted);
    at >= 0;
    at = at + step > text.length ? -1 : text.indexOf(wanted, at + step)
  ) {
    result += text.slice(end, at);
    result += isFunction
      ? String(replacement(wanted, at, text))
      : expand(replacement, text, wanted, at);
    end = at + wanted.length;
  }
  return result + text.slice(end);
}

var added = {
  at(index) {
    var text = textOf(this, 'at');
    index = toInteger(index);
    if (index < 0) index += text.length;
    return index < 0 || index >= text.length ? undefined : text.charAt(index);
  },
  match(pattern) {
    var method = delegate(pattern, Symbol.match);
    if (method !== undefined) return method.call(pattern, this);
    return native.match.call(textOf(this, 'match'), pattern === undefined ? '(?:)' : pattern);
  },
  matchAll(pattern) {
    var method;
    if (isRegExp(pattern) && String(pattern.flags).indexOf('g') < 0) {
      throw new TypeError('String.prototype.matchAll called with a non-global RegExp argument');
    }
    method = delegate(pattern, Symbol.matchAll);
    if (method !== undefined) return method.call(pattern, this);
    var expression = new RegExp(pattern === undefined ? '(?:)' : pattern, 'g');
    return expression[Symbol.matchAll](textOf(this, 'matchAll'));
  },
  normalize(form) {
    var text = textOf(this, 'normalize');
    form = form === undefined ? 'NFC' : String(form);
    if (form !== 'NFC' && form !== 'NFD' && form !== 'NFKC' && form !== 'NFKD') {
      throw new RangeError('The normalization form should be one of NFC, NFD, NFKC, NFKD.');
    }
    return loadNormalize().normalizeText(text, form);
  },
  padEnd(length, filler) {
    var text = textOf(this, 'padEnd');
    return text + padding(text, length, filler);
  },
  padStart(length, filler) {
    var text = textOf(this, 'padStart');
    return padding(text, length, filler) + text;
  },
  replace(pattern, replacement) {
    var method = delegate(pattern, Symbol.replace);
    var text, at;
    if (method !== undefined) return method.call(pattern, this, replacement);
    text = textOf(this, 'replace');
    pattern = String(pattern);
    if (typeof replacement !== 'function') replacement = String(replacement);
    at = text.indexOf(pattern);
    if (at < 0) return text;
    return (
      text.slice(0, at) +
      (typeof replacement === 'function'
        ? String(replacement(pattern, at, text))
        : expand(replacement, text, pattern, at)) +
      text.slice(at + pattern.length)
    );
  },
  replaceAll(pattern, replacement) {
    var method;
    if (isRegExp(pattern) && String(pattern.flags).indexOf('g') < 0) {
      throw new TypeError('String.prototype.replaceAll called with a non-global RegExp argument');
    }
    method = delegate(pattern, Symbol.replace);
    if (method !== undefined) return method.call(pattern, this, replacement);
    return replaceEach(textOf(this, 'replaceAll'), String(pattern), replacement);
  },
  search(pattern) {
    var method = delegate(pattern, Symbol.search);
    if (method !== undefined) return method.call(pattern, this);
    return native.search.call(textOf(this, 'search'), pattern === undefined ? '(?:)' : pattern);
  },
  split(separator, limit) {
    var method = delegate(separator, Symbol.split);
    if (method !== undefined) return method.call(separator, this, limit);
    return native.split.call(textOf(this, 'split'), separator, limit);
  },
  localeCompare(that) {
    return loadCollation().compareForPeople(
      textOf(this, 'localeCompare'),
      String(that),
      arguments[1],
      arguments[2],
    );
  },
  trim() {
    var text = nativeTrim.call(textOf(this, 'trim'));
    // The engine counts U+180E as white space, as Unicode once did; the native method has then cut too much.
    return String(this).indexOf('\u180e') < 0
      ? text
      : added.trimEnd.call(added.trimStart.call(this));
  },
  trimEnd() {
    return native.replace.call(textOf(this, 'trimEnd'), WHITE_AT_END, '');
  },
  trimStart() {
    return native.replace.call(textOf(this, 'trimStart'), WHITE_AT_START, '');
  },
  toLocaleLowerCase() {
    return textOf(this, 'toLocaleLowerCase').toLowerCase();
  },
  toLocaleUpperCase() {
    return textOf(this, 'toLocaleUpperCase').toUpperCase();
  },
};

var statics = {
  raw(strings) {
    var raw = Object(strings.raw);
    var length = Math.max(0, toInteger(raw.length));
    var text = '';
    for (var i = 0; i < length; i++) {
      text += String(raw[i]);
      if (i + 1 < length && i + 1 < arguments.length) text += String(arguments[i + 1]);
    }
    return text;
  },
};

/** Regular expressions answer the symbols with what the engine does. */
function installRegExpSymbols() {
  var answers = {
    match(text) {
      return native.match.call(String(text), this);
    },
    matchAll(text) {
      return new RegExpStringIterator(
        new RegExp(this.source, this.flags),
        String(text),
        this.lastIndex,
      );
    },
    replace(text, replacement) {
      return native.replace.call(String(text), this, replacement);
    },
    search(text) {
      return native.search.call(String(text), this);
    },
    split(text, limit) {
      return native.split.call(String(text), this, limit);
    },
  };
  var names = Object.keys(answers);
  for (var i = 0; i < names.length; i++) {
    symbolMethod(
      RegExp.prototype,
      Symbol[names[i]],
      '[Symbol.' + names[i] + ']',
      answers[names[i]],
    );
  }
}

export function installString() {
  methods(prototype, added, { padEnd: 1, padStart: 1, normalize: 0, at: 1 });
  methods(prototype, { trimLeft: added.trimStart, trimRight: added.trimEnd });
  methods(String, statics);
  installRegExpSymbols();
}

function RegExpStringIterator(expression, text, lastIndex) {
  this.__H_expression = expression;
  this.__H_text = text;
  expression.lastIndex = lastIndex;
}
RegExpStringIterator.prototype = makeIteratorPrototype(
  'RegExp String Iterator',
  {
    next() {
      var expression = this.__H_expression;
      var match = expression === null ? null : expression.exec(this.__H_text);
      if (match === null) {
        this.__H_expression = null;
        return { value: undefined, done: true };
      }
      if (match[0] === '') expression.lastIndex++;
      return { value: match, done: false };
    },
  }.next,
);
