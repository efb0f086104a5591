/**
 * Regular expressions that the engine cannot run: flags s, u, y, d, named groups, lookbehind and the laxer old syntax.
 * They are objects of RegExp like the others, with a matcher of ours behind exec. `RegExp` itself is wrapped so that
 * `new RegExp(…)` knows them as well.
 */
import { constant, hide, methods, symbolMethod } from '../install.js';
import { addEngineClass } from './classes.js';
import { NativeRegExp } from './engine.js';
import loadProgram from './regexp-program.js?lazy';

var nativePrototype = RegExp.prototype;
var native = { exec: nativePrototype.exec, test: nativePrototype.test };
function sortFlags(flags) {
  return flags.split('').sort().join('');
}

/** An expression with a matcher of ours. */
function OwnRegExp(pattern, flags, program) {
  this.__H_pattern = pattern;
  this.__H_flags = sortFlags(flags);
  this.__H_program = program;
  Object.defineProperty(this, 'lastIndex', {
    value: 0,
    writable: true,
    enumerable: false,
    configurable: false,
  });
}

function hasFlag(expression, flag) {
  return expression.__H_flags.indexOf(flag) >= 0;
}

function toIndex(value) {
  value = Math.trunc(+value);
  return value > 0 ? value : 0;
}

function groupsOf(program, values) {
  var groups;
  if (program.names.length === 0) return undefined;
  groups = Object.create(null);
  program.names.forEach(function (each) {
    groups[each.name] = values[each.index];
  });
  return groups;
}

function makeResult(expression, text, places) {
  var result = [];
  var indices = [];
  for (var i = 0; i < places.length; i += 2) {
    result[i / 2] = places[i] === undefined ? undefined : text.slice(places[i], places[i + 1]);
    indices[i / 2] = places[i] === undefined ? undefined : [places[i], places[i + 1]];
  }
  result.index = places[0];
  result.input = text;
  result.groups = groupsOf(expression.__H_program, result);
  if (hasFlag(expression, 'd')) {
    indices.groups = groupsOf(expression.__H_program, indices);
    result.indices = indices;
  }
  return result;
}

function ownExec(expression, text) {
  var usesLastIndex = hasFlag(expression, 'g') || hasFlag(expression, 'y');
  var from = usesLastIndex ? toIndex(expression.lastIndex) : 0;
  var places =
    from > text.length ? null : expression.__H_program.match(text, from, hasFlag(expression, 'y'));
  if (places === null) {
    if (usesLastIndex) expression.lastIndex = 0;
    return null;
  }
  if (usesLastIndex) expression.lastIndex = places[1];
  return makeResult(expression, text, places);
}

function isOwn(value) {
  return value !== null && typeof value === 'object' && value.__H_program !== undefined;
}

/** Past an empty match, so that a loop over matches ends. */
function advance(expression, text) {
  var at = toIndex(expression.lastIndex);
  var code = text.charCodeAt(at);
  var isPair = hasFlag(expression, 'u') && code >= 0xd800 && code <= 0xdbff && at + 1 < text.length;
  expression.lastIndex = at + (isPair ? 2 : 1);
}

function allMatches(expression, text) {
  var found = [];
  var result;
  if (!hasFlag(expression, 'g')) {
    result = expression.exec(text);
    return result === null ? found : [result];
  }
  expression.lastIndex = 0;
  while ((result = expression.exec(text)) !== null) {
    found.push(result);
    if (result[0] === '') advance(expression, text);
  }
  return found;
}

/** `$1`, `$<name>`, `$&` and the like in a replacement. */
function expand(template, result, text) {
  return template.replace(/\$(?:([$&`'])|(\d\d?)|<([^>]*)>)/g, function (all, sign, number, name) {
    var index, value;
    if (sign === '$') return '$';
    if (sign === '&') return result[0];
    if (sign === '`') return text.slice(0, result.index);
    if (sign === "'") return text.slice(result.index + result[0].length);
    if (name !== undefined) {
      if (result.groups === undefined) return all;
      value = result.groups[name];
      return value === undefined ? '' : String(value);
    }
    index = +number;
    if (index >= 1 && index < result.length)
      return result[index] === undefined ? '' : result[index];
    index = +number.charAt(0);
    if (number.length === 2 && index >= 1 && index < result.length) {
      return (result[index] === undefined ? '' : result[index]) + number.charAt(1);
    }
    return all;
  });
}

function replacementFor(result, text, replacement) {
  var args;
  if (typeof replacement !== 'function') return expand(replacement, result, text);
  args = result.slice().concat([result.index, text]);
  if (result.groups !== undefined) args.push(result.groups);
  return String(replacement.apply(undefined, args));
}

function MatchIterator(expression, text) {
  this.__H_expression = expression;
  this.__H_text = text;
}

var symbolMethods = {
  match(text) {
    var found;
    text = String(text);
    if (!hasFlag(this, 'g')) return this.exec(text);
    found = allMatches(this, text).map(function (result) {
      return result[0];
    });
    return found.length === 0 ? null : found;
  },
  matchAll(text) {
    var copy = new RegExp(this);
    copy.lastIndex = this.lastIndex;
    return new MatchIterator(copy, String(text));
  },
  replace(text, replacement) {
    var made = '';
    var end = 0;
    text = String(text);
    if (typeof replacement !== 'function') replacement = String(replacement);
    allMatches(this, text).forEach(function (result) {
      if (result.index < end) return;
      made += text.slice(end, result.index) + replacementFor(result, text, replacement);
      end = result.index + result[0].length;
    });
    return made + text.slice(end);
  },
  search(text) {
    var before = this.lastIndex;
    var result;
    this.lastIndex = 0;
    result = this.exec(String(text));
    this.lastIndex = before;
    return result === null ? -1 : result.index;
  },
  split(text, limit) {
    return split(this, String(text), limit === undefined ? 0xffffffff : limit >>> 0);
  },
};

function split(expression, text, limit) {
  var parts = [];
  var start = 0;
  var at = 0;
  var splitter = new RegExp(
    expression.source,
    hasFlag(expression, 'y') ? expression.flags : expression.flags + 'y',
  );
  var result;
  if (limit === 0) return parts;
  if (text === '') return splitter.exec(text) === null ? [text] : [];
  while (at < text.length) {
    splitter.lastIndex = at;
    result = splitter.exec(text);
    if (result === null || splitter.lastIndex === start) {
      splitter.lastIndex = at;
      advance(splitter, text);
      at = splitter.lastIndex;
      continue;
    }
    parts.push(text.slice(start, at));
    if (parts.length === limit) return parts;
    for (var i = 1; i < result.length; i++) {
      parts.push(result[i]);
      if (parts.length === limit) return parts;
    }
    start = at = splitter.lastIndex;
  }
  parts.push(text.slice(start));
  return parts;
}

function nextMatch() {
  var expression = this.__H_expression;
  var result = expression === undefined ? null : expression.exec(this.__H_text);
  if (result === null) {
    this.__H_expression = undefined;
    return { value: undefined, done: true };
  }
  if (!hasFlag(expression, 'g')) this.__H_expression = undefined;
  else if (result[0] === '') advance(expression, this.__H_text);
  return { value: result, done: false };
}

// RegExp

function isRegExp(value) {
  return value !== null && typeof value === 'object' && value instanceof NativeRegExp;
}

function create(pattern, flags) {
  var program;
  if (!/[^gim]/.test(flags) && !/\(\?<|\)[*+{]|\{,/.test(pattern)) {
    try {
      return new NativeRegExp(pattern, flags);
    } catch (error) {
      // Ours may know it, and has the better message where it is wrong.
    }
  }
  program = loadProgram().programFor(pattern, flags);
  return program === undefined
    ? new NativeRegExp(pattern, flags)
    : new OwnRegExp(pattern, flags, program);
}

function RegExpConstructor(pattern, flags) {
  if (isRegExp(pattern)) {
    if (flags === undefined) {
      if (new.target === undefined && pattern.constructor === RegExpConstructor) return pattern;
      flags = pattern.flags;
    }
    pattern = pattern.source;
  }
  return create(
    pattern === undefined ? '(?:)' : String(pattern) || '(?:)',
    flags === undefined ? '' : String(flags),
  );
}

function getter(name, flag) {
  var present = Object.getOwnPropertyDescriptor(nativePrototype, name);
  Object.defineProperty(nativePrototype, name, {
    get: function () {
      if (isOwn(this))
        return flag === undefined
          ? this[name === 'source' ? '__H_pattern' : '__H_flags']
          : hasFlag(this, flag);
      return present === undefined
        ? this === nativePrototype
          ? undefined
          : false
        : present.get.call(this);
    },
    enumerable: false,
    configurable: true,
  });
}

var prototypeMethods = {
  exec(text) {
    return isOwn(this) ? ownExec(this, String(text)) : native.exec.call(this, text);
  },
  test(text) {
    if (isOwn(this) || this.exec !== prototypeMethods.exec) return this.exec(String(text)) !== null;
    return native.test.call(this, text);
  },
};

function installOwnPrototype(env) {
  OwnRegExp.prototype = Object.create(nativePrototype);
  Object.keys(symbolMethods).forEach(function (name) {
    symbolMethod(OwnRegExp.prototype, Symbol[name], '[Symbol.' + name + ']', symbolMethods[name]);
  });
  constant(OwnRegExp.prototype, Symbol.toStringTag, 'RegExp');
  MatchIterator.prototype = env.makeIteratorPrototype('RegExp String Iterator', nextMatch);
}

export function installRegularExpressions(env) {
  var names = { source: undefined, flags: undefined, global: 'g', ignoreCase: 'i', multiline: 'm' };
  installOwnPrototype(env);
  Object.keys(names).forEach(function (name) {
    getter(name, names[name]);
  });
  getter('sticky', 'y');
  getter('unicode', 'u');
  getter('dotAll', 's');
  getter('hasIndices', 'd');
  methods(nativePrototype, prototypeMethods);
  RegExpConstructor.prototype = nativePrototype;
  constant(RegExpConstructor, 'name', 'RegExp');
  Object.defineProperty(RegExpConstructor, 'prototype', { writable: false });
  addEngineClass(RegExpConstructor);
  hide(nativePrototype, 'constructor', RegExpConstructor);
  hide(env.global, 'RegExp', RegExpConstructor);
  hide(env.global, '__regexp', create);
}
