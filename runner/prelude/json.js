/** JSON: well-formed texts for lone surrogates, symbols, and errors of parse and stringify in V8's words. */
import { methods, constant } from './install.js';

var nativeParse = JSON.parse;
var nativeStringify = JSON.stringify;
var LONE = /[\ud800-\udfff]/;
var PAIRS_AND_LONE = /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;

function escapeLone(match) {
  return match.length === 2 ? match : '\\u' + match.charCodeAt(0).toString(16);
}

/** Walks a text as JSON.parse would and stops at the first character that cannot stand where it stands. */
function Scanner(text) {
  this.text = text;
  this.at = 0;
}

methods(Scanner.prototype, {
  space() {
    while (/[ \t\n\r]/.test(this.text.charAt(this.at))) this.at++;
  },
  char() {
    this.space();
    return this.text.charAt(this.at);
  },
  /** @returns {boolean} whether a value stands here; `at` is behind it, or at the fault */
  value(depth) {
    var char = this.char();
    if (depth > 500) return false;
    if (char === '{' || char === '[') return this.list(char, depth);
    if (char === '"') return this.string();
    return (
      this.word(/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/) ||
      this.word(/^(true|false|null)/) ||
      this.partial()
    );
  },
  word(pattern) {
    var match = pattern.exec(this.text.substr(this.at, 400));
    if (match === null) return false;
    this.at += match[0].length;
    return true;
  },
  /** Goes to the fault inside a misspelt word or number. */
  partial() {
    var words = ['true', 'false', 'null'];
    var start = this.at;
    for (var i = 0; i < words.length; i++) {
      var length = 0;
      while (
        length < words[i].length &&
        this.text.charAt(start + length) === words[i].charAt(length)
      )
        length++;
      if (length > 0) this.at = start + length;
    }
    if (this.text.charAt(start) === '-') this.at = start + 1;
    return false;
  },
  list(open, depth) {
    var close = open === '{' ? '}' : ']';
    this.at++;
    if (this.char() === close) {
      this.at++;
      return true;
    }
    for (;;) {
      if (open === '{') {
        if (this.char() !== '"' || !this.string() || this.char() !== ':') return false;
        this.at++;
      }
      if (!this.value(depth + 1)) return false;
      if (this.char() === close) {
        this.at++;
        return true;
      }
      if (this.text.charAt(this.at) !== ',') return false;
      this.at++;
    }
  },
  string() {
    var match = /^"([^"\\\u0000-\u001f]|\\(["\\\/bfnrt]|u[0-9a-fA-F]{4}))*"/.exec(
      this.text.slice(this.at),
    );
    if (match !== null) {
      this.at += match[0].length;
      return true;
    }
    match = /^"([^"\\\u0000-\u001f]|\\(["\\\/bfnrt]|u[0-9a-fA-F]{4}))*/.exec(
      this.text.slice(this.at),
    );
    this.at += match[0].length;
    this.inString = true;
    if (this.text.charAt(this.at) === '\\') {
      this.at++;
      this.inEscape = true;
    }
    return false;
  },
});

function excerpt(text, at) {
  if (text.length <= 40) return '"' + text + '"';
  var from = Math.max(0, at - 10);
  var to = Math.min(text.length, at + 10);
  return (from > 0 ? '..."' : '"') + text.slice(from, to) + (to < text.length ? '"... ' : '" ');
}

/** @returns {string} what V8 says about a text that is not JSON */
function explain(text) {
  var scanner = new Scanner(text);
  var complete = scanner.value(0);
  var char = scanner.inString ? text.charAt(scanner.at) : scanner.char();
  if (complete && char !== '') {
    return 'Unexpected non-whitespace character after JSON at position ' + scanner.at;
  }
  if (char === '') {
    if (scanner.inString) return 'Unterminated string in JSON at position ' + scanner.at;
    return 'Unexpected end of JSON input';
  }
  if (scanner.inEscape) return 'Bad escaped character in JSON at position ' + scanner.at;
  if (scanner.inString)
    return 'Bad control character in string literal in JSON at position ' + scanner.at;
  char = "Unexpected token '" + char + "', ";
  if (text.length <= 40) return char + '"' + text + '" is not valid JSON';
  return char + excerpt(text, scanner.at) + 'is not valid JSON';
}

var added = {
  parse(text, reviver) {
    text = String(text);
    try {
      return reviver === undefined ? nativeParse(text) : nativeParse(text, reviver);
    } catch (error) {
      if (!(error instanceof SyntaxError) || !/^invalid json/.test(error.message)) throw error;
      throw new SyntaxError(explain(text));
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
    if (text !== undefined && LONE.test(text)) text = text.replace(PAIRS_AND_LONE, escapeLone);
    return text;
  },
};

export function installJson() {
  methods(JSON, added, { parse: 2, stringify: 3 });
  constant(JSON, Symbol.toStringTag, 'JSON');
}
