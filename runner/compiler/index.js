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
import { lineStarts, placeOf, wrapSource, PREFIX } from './wrapper.js';
import { minify } from './minify.js';

var FILE_NAME = 'worker.ts';

function failure(message, place) {
  return { ok: false, code: '', lines: '', warnings: '[]', minified: '', message: message, line: place.line, column: place.column };
}

function parse(text) {
  return ts.createSourceFile(FILE_NAME, text, ts.ScriptTarget.ES2022, false, ts.ScriptKind.TS);
}

function messageText(message) {
  return typeof message === 'string' ? message : message.messageText;
}

/** The first thing wrong with the text, as {start, message}, or undefined. */
function firstFault(file, analysis, length) {
  var faults = file.parseDiagnostics.map(function (diagnostic) {
    return { start: diagnostic.start, message: messageText(diagnostic.messageText) };
  });
  var end = bodyEnd(file);
  if (faults.length === 0 && analysis) faults = faults.concat(analysis.errors.list);
  if (end !== undefined && end < PREFIX.length + length) faults.push({ start: end, message: "Unexpected '}'" });
  return faults.sort(function (a, b) {
    return a.start - b.start;
  })[0];
}

/** Where the function that wraps the script ends, if the text around it was understood as such. */
function bodyEnd(file) {
  var statement = file.statements[0];
  var node = statement && statement.expression;
  if (file.statements.length !== 1 || !node || !node.expression) return statement ? statement.end : undefined;
  node = node.expression.expression;
  if (!node || !node.body || node.body.statements.length !== 1) return statement.end;
  node = node.body.statements[0].expression;
  return node && node.body ? node.body.end - 1 : statement.end;
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
    list.push({ message: 'the script is larger than 50 KB; large scripts start and restart slowly', line: 1, column: 1 });
  }
  return list;
}

/**
 * @param {string} source the owner's script
 * @param {string} optionsJson {kind: "worker", dependencies: [...]}
 * @returns {{ok, code, lines, warnings, minified, message, line, column}}
 */
export function compile(source, optionsJson) {
  var options = optionsJson ? JSON.parse(optionsJson) : {};
  var starts, file, analysis, fault, emitted, lines, minified, loadError;
  if (typeof source !== 'string' || source.trim() === '') return failure('Invalid script content', { line: 1, column: 1 });
  starts = lineStarts(source);
  file = parse(wrapSource(source));
  setErrorText(file.text);
  fault = file.parseDiagnostics.length > 0 ? firstFault(file, undefined, source.length) : undefined;
  if (fault === undefined) {
    analysis = analyse(file, options);
    fault = firstFault(file, analysis, source.length);
  }
  if (fault !== undefined) return failure(fault.message, placeOf(starts, fault.start, source.length));
  minified = minify(file, source);
  flagLoops(analysis);
  findEarlyUses(analysis);
  copyUnstableOperands(analysis);
  emitted = emitFile(file, analysis);
  lines = lineTable(emitted.positions, emitted.code.split('\n').length, starts, source.length);
  loadError = loadFault(emitted.code);
  if (loadError) return failure(loadError.message, { line: lines[loadError.lineNumber - 1] || 1, column: 1 });
  return {
    ok: true,
    code: emitted.code,
    lines: lines.join(','),
    warnings: JSON.stringify(warningsOf(analysis, starts, source, minified)),
    minified: minified,
    message: '',
    line: 0,
    column: 0,
  };
}
