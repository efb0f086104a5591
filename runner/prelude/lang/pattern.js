/**
 * Parser for regular expressions, used by the compiler to check literals when a script is saved and by the runtime for
 * those that the engine cannot run itself. Nodes:
 *
 *   {type: 'empty' | 'any' | 'start' | 'end' | 'word' | 'notWord'}      {type: 'char', code}
 *   {type: 'set', negated, ranges: [low, high, …]}                       {type: 'reference', index | name}
 *   {type: 'sequence' | 'choice', items}                                 {type: 'group', index, name, body}
 *   {type: 'look', behind, negated, body}     {type: 'repeat', min, max, lazy, body, firstGroup, lastGroup}
 */
import { NativeRegExp } from './engine.js';
import { propertyRanges } from './unicode.js';

var FLAGS = 'dgimsuy';
var MAX_DEPTH = 200;
var MAX_REPEAT = 0x7fffffff;
export var DIGIT = [48, 57];
export var WORD = [48, 57, 65, 90, 95, 95, 97, 122];
export var SPACE = [
  9, 13, 32, 32, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f,
  0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff,
];

/** @returns {number[]} the ranges of everything that `ranges`, sorted, leave out */
export function invert(ranges, last) {
  var result = [];
  var next = 0;
  for (var i = 0; i < ranges.length; i += 2) {
    if (ranges[i] > next) result.push(next, ranges[i] - 1);
    next = Math.max(next, ranges[i + 1] + 1);
  }
  if (next <= last) result.push(next, last);
  return result;
}

function Parser(pattern, flags) {
  this.pattern = pattern;
  this.flags = flags;
  this.at = 0;
  this.depth = 0;
  this.groupCount = 0;
  this.names = [];
  this.hasNames = /\(\?<(?![=!])/.test(pattern);
  this.unicode = flags.indexOf('u') >= 0;
  this.hasLookbehind = false;
  this.references = [];
}

Parser.prototype.fail = function (message) {
  throw new SyntaxError('Invalid regular expression: /' + this.pattern + '/: ' + message);
};

Parser.prototype.peek = function (offset) {
  return this.pattern.charAt(this.at + (offset || 0));
};

Parser.prototype.eat = function (text) {
  if (this.pattern.substr(this.at, text.length) !== text) return false;
  this.at += text.length;
  return true;
};

Parser.prototype.choice = function () {
  var items = [];
  if (++this.depth > MAX_DEPTH) this.fail('Regular expression too large');
  do items.push(this.sequence());
  while (this.eat('|'));
  this.depth--;
  return items.length === 1 ? items[0] : { type: 'choice', items: items };
};

Parser.prototype.sequence = function () {
  var items = [];
  while (this.at < this.pattern.length && this.peek() !== '|' && this.peek() !== ')')
    items.push(this.term());
  if (items.length === 1) return items[0];
  return items.length === 0 ? { type: 'empty' } : { type: 'sequence', items: items };
};

Parser.prototype.term = function () {
  var firstGroup = this.groupCount + 1;
  var node = this.assertion();
  var isAssertion = node !== undefined;
  if (!isAssertion) node = this.atom();
  // Sloppy patterns may repeat a lookahead, nothing else of that kind.
  if (isAssertion && (this.unicode || node.type !== 'look' || node.behind)) return node;
  return this.repeat(node, firstGroup);
};

Parser.prototype.assertion = function () {
  if (this.eat('^')) return { type: 'start' };
  if (this.eat('$')) return { type: 'end' };
  if (this.eat('\\b')) return { type: 'word' };
  if (this.eat('\\B')) return { type: 'notWord' };
  if (this.eat('(?=')) return this.look(false, false);
  if (this.eat('(?!')) return this.look(false, true);
  if (this.eat('(?<=')) return this.look(true, false);
  if (this.eat('(?<!')) return this.look(true, true);
  return undefined;
};

Parser.prototype.look = function (behind, negated) {
  var body = this.choice();
  if (behind) this.hasLookbehind = true;
  if (!this.eat(')')) this.fail('Unterminated group');
  return { type: 'look', behind: behind, negated: negated, body: body };
};

Parser.prototype.repeat = function (node, firstGroup) {
  var bounds = this.quantifier();
  if (bounds === undefined) return node;
  if (bounds.min > bounds.max) this.fail('numbers out of order in {} quantifier');
  return {
    type: 'repeat',
    min: bounds.min,
    max: bounds.max,
    lazy: this.eat('?'),
    body: node,
    firstGroup: firstGroup,
    lastGroup: this.groupCount,
  };
};

Parser.prototype.quantifier = function () {
  var match;
  if (this.eat('*')) return { min: 0, max: MAX_REPEAT };
  if (this.eat('+')) return { min: 1, max: MAX_REPEAT };
  if (this.eat('?')) return { min: 0, max: 1 };
  if (this.peek() !== '{') return undefined;
  match = /^\{(\d+)(,(\d*))?\}/.exec(this.pattern.substr(this.at, 40));
  if (!match) {
    if (this.unicode) this.fail('Incomplete quantifier');
    return undefined;
  }
  this.at += match[0].length;
  return {
    min: Math.min(+match[1], MAX_REPEAT),
    max:
      match[2] === undefined
        ? Math.min(+match[1], MAX_REPEAT)
        : match[3]
          ? Math.min(+match[3], MAX_REPEAT)
          : MAX_REPEAT,
  };
};

Parser.prototype.atom = function () {
  var c = this.peek();
  if (c === '.') {
    this.at++;
    return { type: 'any' };
  }
  if (c === '(') return this.group();
  if (c === '[') return this.set();
  if (c === '\\') return this.escape();
  if (c === '*' || c === '+' || c === '?') this.fail('Nothing to repeat');
  if (c === '{' && (this.unicode || /^\{\d+(,\d*)?\}/.test(this.pattern.substr(this.at, 40))))
    this.fail('Nothing to repeat');
  if (this.unicode && (c === ']' || c === '}')) this.fail('Lone quantifier brackets');
  return { type: 'char', code: this.codePoint() };
};

Parser.prototype.codePoint = function () {
  var code = this.pattern.charCodeAt(this.at++);
  var low;
  if (this.unicode && code >= 0xd800 && code <= 0xdbff) {
    low = this.pattern.charCodeAt(this.at);
    if (low >= 0xdc00 && low <= 0xdfff) {
      this.at++;
      return (code - 0xd800) * 0x400 + low - 0xdc00 + 0x10000;
    }
  }
  return code;
};

Parser.prototype.groupName = function () {
  var match = /^([A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)>/.exec(this.pattern.slice(this.at));
  if (!match) this.fail('Invalid capture group name');
  this.at += match[0].length;
  return match[1];
};

Parser.prototype.group = function () {
  var node;
  this.at++;
  if (this.eat('?:')) node = { type: 'group', index: 0, name: undefined, body: undefined };
  else if (this.eat('?<')) {
    node = { type: 'group', index: ++this.groupCount, name: this.groupName(), body: undefined };
    for (var i = 0; i < this.names.length; i++) {
      if (this.names[i].name === node.name) this.fail('Duplicate capture group name');
    }
    this.names.push({ name: node.name, index: node.index });
  } else if (this.peek() === '?') this.fail('Invalid group');
  else node = { type: 'group', index: ++this.groupCount, name: undefined, body: undefined };
  node.body = this.choice();
  if (!this.eat(')')) this.fail('Unterminated group');
  return node.index === 0 ? { type: 'sequence', items: [node.body] } : node;
};

Parser.prototype.last = function () {
  return this.unicode ? 0x10ffff : 0xffff;
};

/** \d \D \w \W \s \S \p{…} \P{…} as ranges, or undefined; the backslash has been read. */
Parser.prototype.classEscape = function () {
  var c = this.peek();
  var ranges =
    c === 'd' || c === 'D'
      ? DIGIT
      : c === 'w' || c === 'W'
        ? WORD
        : c === 's' || c === 'S'
          ? SPACE
          : undefined;
  var match;
  if (ranges !== undefined) {
    this.at++;
    return c === c.toLowerCase() ? ranges : invert(ranges, this.last());
  }
  if (!this.unicode || (c !== 'p' && c !== 'P')) return undefined;
  match = /^[pP]\{([^}]*)\}/.exec(this.pattern.slice(this.at));
  ranges = match && propertyRanges(match[1]);
  if (!ranges)
    this.fail('Invalid property name' + (match ? ' (not among those supported here)' : ''));
  this.at += match[0].length;
  return c === 'p' ? ranges : invert(ranges, this.last());
};

Parser.prototype.hex = function (length) {
  var text = this.pattern.substr(this.at, length);
  if (text.length !== length || !/^[0-9a-fA-F]+$/.test(text)) return -1;
  this.at += length;
  return parseInt(text, 16);
};

Parser.prototype.unicodeEscape = function () {
  var start = this.at;
  var code, low, match;
  if (this.unicode && this.peek() === '{') {
    match = /^\{([0-9a-fA-F]+)\}/.exec(this.pattern.slice(this.at));
    if (!match || parseInt(match[1], 16) > 0x10ffff) this.fail('Invalid Unicode escape');
    this.at += match[0].length;
    return parseInt(match[1], 16);
  }
  code = this.hex(4);
  if (code < 0) {
    if (this.unicode) this.fail('Invalid Unicode escape');
    this.at = start;
    return 0x75;
  }
  if (
    this.unicode &&
    code >= 0xd800 &&
    code <= 0xdbff &&
    this.peek() === '\\' &&
    this.peek(1) === 'u'
  ) {
    start = this.at;
    this.at += 2;
    low = this.hex(4);
    if (low >= 0xdc00 && low <= 0xdfff) return (code - 0xd800) * 0x400 + low - 0xdc00 + 0x10000;
    this.at = start;
  }
  return code;
};

var CONTROLS = { t: 9, n: 10, v: 11, f: 12, r: 13 };

/** An escape that stands for one character; the backslash has been read. */
Parser.prototype.charEscape = function (isInSet) {
  var c = this.peek();
  var code;
  if (c === '') this.fail('\\ at end of pattern');
  this.at++;
  if (CONTROLS[c] !== undefined) return CONTROLS[c];
  if (c === 'b' && isInSet) return 8;
  if (c === 'u') return this.unicodeEscape();
  if (c === 'x') {
    code = this.hex(2);
    if (code < 0 && this.unicode) this.fail('Invalid escape');
    return code < 0 ? 0x78 : code;
  }
  if (c === 'c') return this.controlEscape(isInSet);
  if (c >= '0' && c <= '7') return this.octalEscape(c);
  if (this.unicode && !/[\^$\\.*+?()[\]{}|/]/.test(c) && !(c === '-' && isInSet))
    this.fail('Invalid escape');
  this.at--;
  return this.codePoint();
};

Parser.prototype.controlEscape = function (isInSet) {
  var c = this.peek();
  if (/[A-Za-z]/.test(c) || (isInSet && !this.unicode && /[\d_]/.test(c))) {
    this.at++;
    return c.charCodeAt(0) % 32;
  }
  if (this.unicode) this.fail('Invalid unicode escape');
  this.at--;
  return 0x5c;
};

Parser.prototype.octalEscape = function (c) {
  var match;
  if (this.unicode) {
    if (c !== '0' || /\d/.test(this.peek())) this.fail('Invalid decimal escape');
    return 0;
  }
  match = /^([0-3]?[0-7]?[0-7])/.exec(this.pattern.substr(this.at - 1, 3));
  this.at += match[0].length - 1;
  return parseInt(match[0], 8);
};

Parser.prototype.escape = function () {
  var ranges, match;
  this.at++;
  ranges = this.classEscape();
  if (ranges !== undefined) return { type: 'set', negated: false, ranges: ranges };
  if (this.peek() === 'k' && (this.unicode || this.hasNames)) return this.namedReference();
  match = /^[1-9]\d*/.exec(this.pattern.slice(this.at));
  if (match && (this.unicode || +match[0] <= this.countGroups())) {
    this.at += match[0].length;
    if (+match[0] > this.countGroups()) this.fail('Invalid escape');
    return { type: 'reference', index: +match[0] };
  }
  return { type: 'char', code: this.charEscape(false) };
};

Parser.prototype.namedReference = function () {
  var node;
  this.at++;
  if (!this.eat('<')) this.fail('Invalid named reference');
  node = { type: 'reference', index: 0, name: this.groupName() };
  this.references.push(node);
  return node;
};

/** All capturing groups of the pattern, also those after the current place. */
Parser.prototype.countGroups = function () {
  var count = 0;
  var isInSet = false;
  if (this.total !== undefined) return this.total;
  for (var i = 0; i < this.pattern.length; i++) {
    var c = this.pattern.charAt(i);
    if (c === '\\') i++;
    else if (isInSet) isInSet = c !== ']';
    else if (c === '[') isInSet = true;
    else if (
      c === '(' &&
      (this.pattern.charAt(i + 1) !== '?' || /^\(\?<[^=!]/.test(this.pattern.substr(i, 4)))
    )
      count++;
  }
  this.total = count;
  return count;
};

/** One end of a range in a set: a code, or ranges of a class. */
Parser.prototype.setAtom = function () {
  if (this.peek() !== '\\') return this.codePoint();
  this.at++;
  var ranges = this.classEscape();
  return ranges === undefined ? this.charEscape(true) : ranges;
};

Parser.prototype.set = function () {
  var ranges = [];
  var negated;
  var from, to;
  this.at++;
  negated = this.eat('^');
  while (this.peek() !== ']') {
    if (this.at >= this.pattern.length) this.fail('Unterminated character class');
    from = this.setAtom();
    if (this.peek() !== '-' || this.peek(1) === ']' || this.peek(1) === '') {
      ranges = ranges.concat(typeof from === 'number' ? [from, from] : from);
      continue;
    }
    this.at++;
    to = this.setAtom();
    if (typeof from === 'number' && typeof to === 'number') {
      if (from > to) this.fail('Range out of order in character class');
      ranges.push(from, to);
    } else {
      if (this.unicode) this.fail('Invalid character class');
      ranges = ranges.concat(
        typeof from === 'number' ? [from, from] : from,
        [45, 45],
        typeof to === 'number' ? [to, to] : to,
      );
    }
  }
  this.at++;
  return { type: 'set', negated: negated, ranges: ranges };
};

function checkFlags(pattern, flags) {
  for (var i = 0; i < flags.length; i++) {
    if (FLAGS.indexOf(flags.charAt(i)) < 0 || flags.indexOf(flags.charAt(i), i + 1) >= 0) {
      throw new SyntaxError("Invalid flags supplied to RegExp constructor '" + flags + "'");
    }
  }
}

/**
 * @param {string} pattern
 * @param {string} flags
 * @returns {{root, flags, groupCount, names: {name, index}[], hasLookbehind}}
 * @throws {SyntaxError}
 */
export function parsePattern(pattern, flags) {
  var parser, root;
  checkFlags(pattern, flags);
  parser = new Parser(pattern, flags);
  root = parser.choice();
  if (parser.at < pattern.length) parser.fail('Unmatched ' + "')'");
  parser.references.forEach(function (reference) {
    parser.names.forEach(function (each) {
      if (each.name === reference.name) reference.index = each.index;
    });
    if (reference.index === 0) parser.fail('Invalid named capture referenced');
  });
  return {
    root: root,
    flags: flags,
    groupCount: parser.groupCount,
    names: parser.names,
    hasLookbehind: parser.hasLookbehind,
  };
}

function isBeyondEngine(pattern, flags) {
  try {
    new NativeRegExp(pattern, flags);
    return false;
  } catch (error) {
    return true;
  }
}

function canBeEmpty(node) {
  switch (node.type) {
    case 'any':
    case 'char':
    case 'set':
      return false;
    case 'sequence':
      return node.items.every(canBeEmpty);
    case 'choice':
      return node.items.some(canBeEmpty);
    case 'group':
      return canBeEmpty(node.body);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.body);
    default:
      return true;
  }
}

/** Whether something that can match nothing is repeated without end: the engine would never come out of that. */
function hasEmptyLoop(node) {
  if (node.type === 'repeat' && node.max === MAX_REPEAT && canBeEmpty(node.body)) return true;
  if (node.items !== undefined) return node.items.some(hasEmptyLoop);
  return node.body !== undefined && hasEmptyLoop(node.body);
}

/** Whether the engine's own expressions cannot do it. */
export function needsOwnMatcher(parsed, pattern) {
  if (/[suyd]/.test(parsed.flags) || parsed.names.length > 0 || parsed.hasLookbehind) return true;
  if (hasEmptyLoop(parsed.root)) return true;
  // To the engine `{,2}` is a quantifier.
  if (/\{,\d*\}/.test(pattern)) return true;
  return isBeyondEngine(pattern, parsed.flags);
}
