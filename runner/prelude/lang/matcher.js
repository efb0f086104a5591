/**
 * A backtracking matcher for parsed patterns: each node becomes a function `(at, next) → boolean` that calls `next(at)`
 * with every place where it can end, until one succeeds. Repetitions of single characters run as loops.
 */
import { WORD } from './pattern.js';

/** What the running match works on; a matcher does not call script code, so one is enough. */
var input;
var captures;
var steps;
/** A pattern that needs more is hopeless; the engine's own limit is of the same order. */
var MAX_STEPS = 10000000;

function isIn(ranges, code) {
  for (var i = 0; i < ranges.length; i += 2)
    if (code >= ranges[i] && code <= ranges[i + 1]) return true;
  return false;
}

function isTerminator(code) {
  return code === 10 || code === 13 || code === 0x2028 || code === 0x2029;
}

function isWordAt(at) {
  return at >= 0 && at < input.length && isIn(WORD, input.charCodeAt(at));
}

function textOf(code) {
  if (code < 0x10000) return String.fromCharCode(code);
  return String.fromCharCode(
    0xd800 + ((code - 0x10000) >> 10),
    0xdc00 + ((code - 0x10000) & 0x3ff),
  );
}

/** Settings under which nodes are compiled: flags and direction. */
function Mode(flags) {
  this.ignoreCase = flags.indexOf('i') >= 0;
  this.multiline = flags.indexOf('m') >= 0;
  this.dotAll = flags.indexOf('s') >= 0;
  this.unicode = flags.indexOf('u') >= 0;
  this.backward = false;
}

Mode.prototype.fold = function (code) {
  var text, upper;
  if (!this.ignoreCase) return code;
  text = textOf(code);
  if (this.unicode) {
    upper = text.toUpperCase();
    if (upper.length === text.length) text = upper;
    upper = text.toLowerCase();
    return upper.length === text.length ? codeAt(upper, 0, true) : code;
  }
  upper = text.toUpperCase();
  if (upper.length !== 1 || (code >= 128 && upper.charCodeAt(0) < 128)) return code;
  return upper.charCodeAt(0);
};

function codeAt(text, at, isUnicode) {
  var code = text.charCodeAt(at);
  var low;
  if (isUnicode && code >= 0xd800 && code <= 0xdbff && at + 1 < text.length) {
    low = text.charCodeAt(at + 1);
    if (low >= 0xdc00 && low <= 0xdfff) return (code - 0xd800) * 0x400 + low - 0xdc00 + 0x10000;
  }
  return code;
}

/** Units of the character that begins, or in a lookbehind ends, at a place; 0 at the border of the text. */
function sizeAt(at, mode) {
  var code;
  if (mode.backward) {
    if (at <= 0) return 0;
    if (!mode.unicode || at < 2) return 1;
    code = input.charCodeAt(at - 1);
    return code >= 0xdc00 && code <= 0xdfff && codeAt(input, at - 2, true) > 0xffff ? 2 : 1;
  }
  if (at >= input.length) return 0;
  return mode.unicode && codeAt(input, at, true) > 0xffff ? 2 : 1;
}

/** A test of one character as a function code → boolean, or undefined where the node is more than that. */
function characterTest(node, mode) {
  var folded;
  if (node.type === 'char') {
    folded = mode.fold(node.code);
    return function (code) {
      return mode.fold(code) === folded;
    };
  }
  if (node.type === 'any') {
    return function (code) {
      return mode.dotAll || !isTerminator(code);
    };
  }
  if (node.type !== 'set') return undefined;
  return function (code) {
    return isInSet(node.ranges, code, mode) !== node.negated;
  };
}

function isInSet(ranges, code, mode) {
  var folded;
  if (isIn(ranges, code)) return true;
  if (!mode.ignoreCase) return false;
  folded = mode.fold(code);
  if (isIn(ranges, folded)) return true;
  folded = textOf(code);
  return (
    isIn(ranges, codeAt(folded.toLowerCase(), 0, mode.unicode)) ||
    isIn(ranges, codeAt(folded.toUpperCase(), 0, mode.unicode))
  );
}

/** The place behind the character at `at` if it passes, else -1. */
function stepOver(at, test, mode) {
  var size = sizeAt(at, mode);
  if (++steps > MAX_STEPS) throw new RangeError('Regular expression takes too many steps');
  if (size === 0) return -1;
  if (mode.backward) return test(codeAt(input, at - size, mode.unicode)) ? at - size : -1;
  return test(codeAt(input, at, mode.unicode)) ? at + size : -1;
}

function compileCharacter(test, mode) {
  return function (at, next) {
    var end = stepOver(at, test, mode);
    return end >= 0 && next(end);
  };
}

function compileSequence(items, mode) {
  var parts = items.map(function (item) {
    return compile(item, mode);
  });
  if (mode.backward) parts.reverse();
  function run(index, at, next) {
    if (index === parts.length) return next(at);
    return parts[index](at, function (end) {
      return run(index + 1, end, next);
    });
  }
  return function (at, next) {
    return run(0, at, next);
  };
}

function compileChoice(items, mode) {
  var parts = items.map(function (item) {
    return compile(item, mode);
  });
  return function (at, next) {
    for (var i = 0; i < parts.length; i++) if (parts[i](at, next)) return true;
    return false;
  };
}

function compileGroup(node, mode) {
  var body = compile(node.body, mode);
  var slot = node.index * 2;
  return function (at, next) {
    var start = captures[slot];
    var end = captures[slot + 1];
    if (
      body(at, function (to) {
        var innerStart = captures[slot];
        var innerEnd = captures[slot + 1];
        captures[slot] = Math.min(at, to);
        captures[slot + 1] = Math.max(at, to);
        if (next(to)) return true;
        captures[slot] = innerStart;
        captures[slot + 1] = innerEnd;
        return false;
      })
    ) {
      return true;
    }
    captures[slot] = start;
    captures[slot + 1] = end;
    return false;
  };
}

function compileLook(node, outer) {
  var mode = Object.create(outer);
  var body;
  mode.backward = node.behind;
  body = compile(node.body, mode);
  return function (at, next) {
    var before = captures.slice();
    var found = body(at, function () {
      return true;
    });
    if (found === node.negated) {
      captures = before;
      return false;
    }
    if (node.negated) captures = before;
    if (next(at)) return true;
    captures = before;
    return false;
  };
}

function compileReference(node, mode) {
  return function (at, next) {
    var start = captures[node.index * 2];
    var length;
    var end;
    if (start === undefined) return next(at);
    length = captures[node.index * 2 + 1] - start;
    end = mode.backward ? at - length : at + length;
    if (end < 0 || end > input.length) return false;
    for (var i = 0; i < length; i++) {
      var here = input.charCodeAt(Math.min(at, end) + i);
      if (mode.fold(input.charCodeAt(start + i)) !== mode.fold(here)) return false;
    }
    return next(end);
  };
}

/** A repeated single character: no recursion, however long the text. */
function compileRun(node, test, mode) {
  return function (at, next) {
    var places = [at];
    var end = at;
    if (node.lazy) return lazyRun(node, test, mode, at, next);
    while (places.length <= node.max) {
      end = stepOver(end, test, mode);
      if (end < 0) break;
      places.push(end);
    }
    for (var count = places.length - 1; count >= node.min; count--)
      if (next(places[count])) return true;
    return false;
  };
}

function lazyRun(node, test, mode, at, next) {
  for (var count = 0; count <= node.max; count++) {
    if (count >= node.min && next(at)) return true;
    at = stepOver(at, test, mode);
    if (at < 0) return false;
  }
  return false;
}

function compileRepeat(node, mode) {
  var test = characterTest(node.body, mode);
  var body;
  if (test !== undefined) return compileRun(node, test, mode);
  body = compile(node.body, mode);
  function run(count, at, next) {
    function more() {
      var before = captures.slice();
      for (var group = node.firstGroup; group <= node.lastGroup; group++) {
        captures[group * 2] = captures[group * 2 + 1] = undefined;
      }
      if (
        body(at, function (end) {
          // A round that matched nothing would go on for ever.
          if (end === at && count >= node.min) return false;
          return run(count + 1, end, next);
        })
      ) {
        return true;
      }
      captures = before;
      return false;
    }
    if (++steps > MAX_STEPS) throw new RangeError('Regular expression takes too many steps');
    if (count < node.min) return more();
    if (node.lazy) return next(at) || (count < node.max && more());
    return (count < node.max && more()) || next(at);
  }
  return function (at, next) {
    return run(0, at, next);
  };
}

var ASSERTIONS = {
  start: function (at, mode) {
    return at === 0 || (mode.multiline && isTerminator(input.charCodeAt(at - 1)));
  },
  end: function (at, mode) {
    return at === input.length || (mode.multiline && isTerminator(input.charCodeAt(at)));
  },
  word: function (at) {
    return isWordAt(at - 1) !== isWordAt(at);
  },
  notWord: function (at) {
    return isWordAt(at - 1) === isWordAt(at);
  },
};

function compile(node, mode) {
  var test = characterTest(node, mode);
  var assertion = ASSERTIONS[node.type];
  if (test !== undefined) return compileCharacter(test, mode);
  if (assertion !== undefined) {
    return function (at, next) {
      return assertion(at, mode) && next(at);
    };
  }
  switch (node.type) {
    case 'sequence':
      return compileSequence(node.items, mode);
    case 'choice':
      return compileChoice(node.items, mode);
    case 'group':
      return compileGroup(node, mode);
    case 'look':
      return compileLook(node, mode);
    case 'reference':
      return compileReference(node, mode);
    case 'repeat':
      return compileRepeat(node, mode);
    default:
      return function (at, next) {
        return next(at);
      };
  }
}

/**
 * @returns {function(string, number, boolean): number[]|null} (text, from, isSticky) → places: start and end of the
 * whole and of each group, undefined where a group took no part
 */
export function makeMatcher(parsed) {
  var mode = new Mode(parsed.flags);
  var root = compile(parsed.root, mode);
  return function (text, from, isSticky) {
    var last = isSticky ? from : text.length;
    input = text;
    steps = 0;
    for (var at = from; at <= last; at++) {
      captures = noCaptures(parsed.groupCount);
      if (root(at, finish)) {
        captures[0] = at;
        return captures;
      }
      if (mode.unicode && codeAt(text, at, true) > 0xffff) at++;
    }
    return null;
  };
}

function noCaptures(groupCount) {
  var places = [];
  for (var i = 0; i < (groupCount + 1) * 2; i++) places[i] = undefined;
  return places;
}

function finish(at) {
  captures[1] = at;
  return true;
}
