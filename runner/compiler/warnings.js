/** What is allowed but should be known when a script is saved. */
import ts from 'typescript';

var K = ts.SyntaxKind;
var EVAL = ' takes ES5 text only and bypasses the compiler';
var MAX_WARNINGS = 20;
export var MAX_RECOMMENDED_BYTES = 50 * 1024;

/** Notes a node whose name has to be a global one; that is known only after the walk. */
export function noteWarning(analysis, node) {
  var message;
  var name = node.expression;
  if (name.kind !== K.Identifier) return;
  if (node.kind === K.PropertyAccessExpression) {
    if (name.escapedText === 'console') message = 'use logger instead of console';
  } else if (name.escapedText === 'eval' && node.kind === K.CallExpression) {
    message = 'eval' + EVAL;
  } else if (name.escapedText === 'Function') {
    message = 'new Function' + EVAL;
  }
  if (message !== undefined)
    analysis.warnings.push({
      start: name.end - name.escapedText.length,
      message: message,
      name: name,
    });
}

/** @returns {object[]} {start, message} of what really means the global, in the order of the text */
export function globalWarnings(analysis) {
  return analysis.warnings
    .filter(function (warning) {
      return warning.name.amidBinding === undefined;
    })
    .slice(0, MAX_WARNINGS);
}
