/** What is wrong with a text that is not JSON, in V8's words. */
import { methods } from './install.js';

/** Walks a text as JSON.parse would; `fault` says what cannot stand at `at`, '' for an unexpected token. */
function Scanner(text) {
  this.text = text;
  this.at = 0;
  this.fault = '';
}

var NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/;
var NUMBER_FAULTS = [
  [/^-(?!\d)/, 'No number after minus sign'],
  [/^-?0(?=\d)/, 'Unexpected number'],
  [/^-?\d+\.(?!\d)/, 'Unterminated fractional number'],
  [/^-?\d+(?:\.\d+)?[eE][+-]?(?!\d)/, 'Exponent part is missing a number'],
];
var WORDS = ['true', 'false', 'null'];
/** Nesting beyond this is the engine's to refuse. */
var MAX_DEPTH = 500;

methods(Scanner.prototype, {
  /** The next character that is not white space. */
  peek() {
    while (/[ \t\n\r]/.test(this.text.charAt(this.at))) this.at++;
    return this.text.charAt(this.at);
  },
  /** Fails with a fault `ahead` characters further. */
  stop(fault, ahead) {
    this.fault = fault;
    this.at += ahead;
    return false;
  },
  /** @returns {boolean} whether a value stands here; `at` is behind it, or at the fault */
  value(depth) {
    var char = this.peek();
    if (depth > MAX_DEPTH) return false;
    if (char === '{' || char === '[') return this.list(char === '{', depth);
    if (char === '"') return this.string();
    return /[-\d]/.test(char) ? this.number() : this.word();
  },
  number() {
    var rest = this.text.substr(this.at, 400);
    for (var i = 0; i < NUMBER_FAULTS.length; i++) {
      var match = NUMBER_FAULTS[i][0].exec(rest);
      if (match !== null) return this.stop(NUMBER_FAULTS[i][1], match[0].length);
    }
    this.at += NUMBER.exec(rest)[0].length;
    return true;
  },
  word() {
    for (var i = 0; i < WORDS.length; i++) {
      var length = 0;
      while (
        length < WORDS[i].length &&
        this.text.charAt(this.at + length) === WORDS[i].charAt(length)
      ) {
        length++;
      }
      if (length > 0) {
        this.at += length;
        return length === WORDS[i].length;
      }
    }
    return false;
  },
  list(isObject, depth) {
    var close = isObject ? '}' : ']';
    this.at++;
    if (this.peek() === close) {
      this.at++;
      return true;
    }
    for (var isFirst = true; ; isFirst = false) {
      if (isObject && !this.name(isFirst)) return false;
      if (!this.value(depth + 1)) return false;
      if (this.peek() !== ',' && this.peek() !== close) {
        return this.stop(
          isObject
            ? "Expected ',' or '}' after property value"
            : "Expected ',' or ']' after array element",
          0,
        );
      }
      if (this.text.charAt(this.at++) === close) return true;
    }
  },
  name(isFirst) {
    if (this.peek() !== '"') {
      return this.stop(
        isFirst ? "Expected property name or '}'" : 'Expected double-quoted property name',
        0,
      );
    }
    if (!this.string()) return false;
    if (this.peek() !== ':') return this.stop("Expected ':' after property name", 0);
    this.at++;
    return true;
  },
  string() {
    var char;
    for (this.at++; ; this.at++) {
      char = this.text.charAt(this.at);
      if (char === '') return this.stop('Unterminated string', 0);
      if (char === '"') {
        this.at++;
        return true;
      }
      if (char < ' ') return this.stop('Bad control character in string literal', 0);
      if (char === '\\' && !this.escape()) return false;
    }
  },
  escape() {
    this.at++;
    if (this.text.charAt(this.at) === 'u') {
      var digits = /^[0-9a-fA-F]{0,4}/.exec(this.text.substr(this.at + 1, 4))[0].length;
      this.at += digits;
      return digits === 4 || this.stop('Bad Unicode escape', 1);
    }
    return (
      '"\\/bfnrt'.indexOf(this.text.charAt(this.at) || 'x') >= 0 ||
      this.stop('Bad escaped character', 0)
    );
  },
});

/** Texts that are no JSON but the mistake of a program. */
var SPECIAL = /^(?:NaN|Infinity|undefined|\[object Object\])$/;
/** How much of the text is shown on either side of the fault. */
var CONTEXT = 10;

function unexpected(text, at) {
  var head = "Unexpected token '" + text.charAt(at) + "', ";
  var from = 0;
  var to = text.length;
  if (text.length > 2 * CONTEXT) {
    if (at >= CONTEXT) from = at - CONTEXT;
    if (at < text.length - CONTEXT) to = at + CONTEXT;
  }
  return (
    head +
    (from > 0 ? '..."' : '"') +
    text.slice(from, to) +
    (to < text.length ? '"... ' : '" ') +
    'is not valid JSON'
  );
}

/** @returns {string} what V8 says about a text that is not JSON */
export function explain(text) {
  var scanner = new Scanner(text);
  var isValue = scanner.value(0);
  if (isValue && scanner.peek() !== '') {
    return 'Unexpected non-whitespace character after JSON at position ' + scanner.at;
  }
  if (scanner.fault !== '') return scanner.fault + ' in JSON at position ' + scanner.at;
  if (scanner.at >= text.length) return 'Unexpected end of JSON input';
  return SPECIAL.test(text) ? '"' + text + '" is not valid JSON' : unexpected(text, scanner.at);
}
