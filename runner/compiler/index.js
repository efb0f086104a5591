/** The compiler's one entry: `compile(source, optionsJson)`, the completion value of the bundle. */
import './collections.js';
import ts from 'typescript';
import { analyse } from './analysis.js';
import { emitFile } from './emit.js';
import { findEarlyUses } from './readiness.js';
import { flagLoops } from './resolver.js';
import { copyUnstableOperands } from './operands.js';
import { globalWarnings, MAX_RECOMMENDED_BYTES } from './warnings.js';
import { setErrorText } from './errors.js';
import { arrangeModule, findNeeds } from './modules.js';
import {
  bodyStart,
  lineStarts,
  placeOf,
  setKind,
  wrapSource,
  PREFIX,
  WORKER,
  kind as textKind,
} from './wrapper.js';
import { minify } from './minify.js';

var FILE_NAME = 'worker.ts';

function failure(message, place) {
  return {
    ok: false,
    code: '',
    lines: '',
    warnings: '[]',
    minified: '',
    needs: '[]',
    message: message,
    line: place.line,
    column: place.column,
  };
}

var CONTAINS_TYPESCRIPT = 1;
/** `f<number>(x)`: to JavaScript two comparisons, but nobody compares with the name of a type. */
var TYPE_ARGUMENTS = /<\s*(?:string|number|boolean|any|unknown|object|void|never)\b[^;\n]*>\s*\(/;

function parseAs(text, scriptKind) {
  return ts.createSourceFile(FILE_NAME, text, ts.ScriptTarget.ES2022, false, scriptKind);
}

/**
 * What both languages can read is JavaScript: `f(a < b, c > (d))` compares. Text with types, or that only TypeScript can
 * read, is TypeScript.
 */
function parse(text) {
  var file = parseAs(text, ts.ScriptKind.JS);
  var isPlain = file.parseDiagnostics.length === 0 && !(file.transformFlags & CONTAINS_TYPESCRIPT);
  var typed;
  if (isPlain && !TYPE_ARGUMENTS.test(text)) return file;
  typed = parseAs(text, ts.ScriptKind.TS);
  return typed.parseDiagnostics.length > 0 && isPlain ? file : typed;
}

function messageText(message) {
  return typeof message === 'string' ? message : message.messageText;
}

/** What the parser says in its own way where the owner needs to know what to write instead. */
function explain(text, start, message) {
  var around = text.slice(Math.max(start - 3, 0), start + 4);
  if (/<!--|-->/.test(around))
    return 'Comments in HTML style are not supported; begin them with //';
  if (/(^|[^\w$.])0\d*$/.test(text.slice(0, start)) && /^[89]/.test(text.slice(start)))
    return 'Numbers that begin with 0 are not supported; leave the 0 out';
  return message;
}

/** The first thing wrong with the text, as {start, message}, or undefined. */
function firstFault(file, analysis, length) {
  var faults = file.parseDiagnostics.map(function (diagnostic) {
    return {
      start: diagnostic.start,
      message: explain(file.text, diagnostic.start, messageText(diagnostic.messageText)),
    };
  });
  var limit = PREFIX.length + length;
  var end = bodyEnd(file);
  var first;
  if (faults.length === 0 && analysis) faults = analysis.errors.list.slice();
  if (end < limit) faults.push({ start: end, message: "Unexpected '}'" });
  first = faults.sort(function (a, b) {
    return a.start - b.start;
  })[0];
  if (first !== undefined && first.start > limit) {
    first = {
      start: limit,
      message: 'Unexpected end of the script: a bracket, brace or quote is not closed',
    };
  }
  return first;
}

/** Where the function that wraps the script ends: before the end of the text if a `}` too many closes it. */
function bodyEnd(file) {
  var found = Infinity;
  (function look(node) {
    if (node.body !== undefined && node.body.pos === bodyStart()) found = node.body.end - 1;
    else if (node.pos < PREFIX.length) ts.forEachChild(node, look);
  })(file);
  return found;
}

/** The engine's own parser has the last word, so that what it cannot load is refused now and not at every start. */
function loadFault(code) {
  try {
    new Function(code);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** What to tell the owner about code that the engine cannot read. */
function explainLoadFault(error, file, source, starts, lines) {
  var name = '';
  file.identifiers.forEach(function (each) {
    if (name === '' && /[\u0080-\uffff]/.test(each) && loadFault('var ' + each)) name = each;
  });
  if (name !== '' && source.indexOf(name) >= 0) {
    return failure(
      "The name '" + name + "' has a letter that is not supported; use other letters",
      placeOf(starts, PREFIX.length + source.indexOf(name), source.length),
    );
  }
  return failure(error.message.replace(/ \(line \d+\)$/, '') + ': write this line differently', {
    line: lines[error.lineNumber - 1] || 1,
    column: 1,
  });
}

function lineTable(positions, lineCount, starts, length) {
  var lines = [];
  var last = 1;
  for (var i = 0; i < lineCount; i++) {
    if (positions[i] !== undefined) last = placeOf(starts, positions[i], length).line;
    lines.push(last);
  }
  return lines;
}

function warningsOf(analysis, starts, source, minified) {
  var list = globalWarnings(analysis).map(function (warning) {
    var place = placeOf(starts, warning.start, source.length);
    return { message: warning.message, line: place.line, column: place.column };
  });
  if (minified.length > MAX_RECOMMENDED_BYTES) {
    list.push({
      message: 'the script is larger than 50 KB; large scripts start and restart slowly',
      line: 1,
      column: 1,
    });
  }
  return list;
}

function compileScript(source, dependencies) {
  var needs, starts, file, analysis, fault, emitted, lines, minified, loadError;
  if (typeof source !== 'string' || (source.trim() === '' && textKind === WORKER))
    return failure('Invalid script content', { line: 1, column: 1 });
  starts = lineStarts(source);
  file = parse(wrapSource(source));
  setErrorText(file.text);
  fault = file.parseDiagnostics.length > 0 ? firstFault(file, undefined, source.length) : undefined;
  if (fault === undefined) {
    analysis = analyse(file);
    needs = findNeeds(analysis, dependencies);
    fault = firstFault(file, analysis, source.length);
  }
  if (fault !== undefined)
    return failure(fault.message, placeOf(starts, fault.start, source.length));
  minified = textKind === WORKER ? minify(file, source) : '';
  arrangeModule(file, analysis);
  flagLoops(analysis);
  findEarlyUses(analysis);
  copyUnstableOperands(analysis);
  emitted = emitFile(file, analysis);
  lines = lineTable(emitted.positions, emitted.code.split('\n').length, starts, source.length);
  loadError = loadFault(emitted.code);
  if (loadError) return explainLoadFault(loadError, file, source, starts, lines);
  return {
    ok: true,
    code: emitted.code,
    lines: lines.join(','),
    warnings: JSON.stringify(warningsOf(analysis, starts, source, minified)),
    minified: minified,
    needs: JSON.stringify(needs),
    message: '',
    line: 0,
    column: 0,
  };
}

/** A file of a package may begin with `#!` and a byte order mark, and may be empty. */
function uncommented(source) {
  var text = source.charCodeAt(0) === 0xfeff ? ' ' + source.slice(1) : source;
  return text.slice(0, 2) === '#!' ? '//' + text.slice(2) : text;
}

/** Depth and memory are the only things a text that was understood can exhaust. */
function exhaustion(error) {
  if (error instanceof RangeError) return 'the script is nested too deeply';
  if (error instanceof SyntaxError) return error.message;
  return 'the compiler failed: ' + error.message;
}

/**
 * @param {string} source the owner's script
 * @param {string} optionsJson {kind: "worker", dependencies: [...]} for a script, {kind: "commonjs"} or
 *   {kind: "module"} for a file of a package
 * @returns {{ok, code, lines, warnings, minified, needs, message, line, column}} `needs` as findNeeds tells it
 */
export function compile(source, optionsJson) {
  var options = JSON.parse(optionsJson);
  setKind(options.kind);
  try {
    return compileScript(
      textKind === WORKER ? source : uncommented(source),
      options.dependencies || [],
    );
  } catch (error) {
    return failure(exhaustion(error), { line: 1, column: 1 });
  }
}
