/** Early errors of assignments: what may stand on the left side, alone or in a pattern. */
import ts from 'typescript';

var K = ts.SyntaxKind;
var INVALID = 'Invalid left-hand side in assignment';
var INVALID_PATTERN = 'Invalid destructuring assignment target';

/** Without the parentheses and types around it. */
export function bare(node) {
  while (
    node.kind === K.ParenthesizedExpression ||
    node.kind === K.NonNullExpression ||
    node.kind === K.AsExpression ||
    node.kind === K.TypeAssertionExpression
  ) {
    node = node.expression;
  }
  return node;
}

function isPattern(node) {
  return node.kind === K.ArrayLiteralExpression || node.kind === K.ObjectLiteralExpression;
}

/** A name or a member. */
function checkSimple(errors, node, isStrict, message) {
  var target = bare(node);
  var isMember =
    target.kind === K.PropertyAccessExpression || target.kind === K.ElementAccessExpression;
  if (isMember && !(target.flags & ts.NodeFlags.OptionalChain)) return;
  if (target.kind !== K.Identifier) {
    errors.add(node, message);
    return;
  }
  if (!isStrict) return;
  if (target.escapedText === 'eval' || target.escapedText === 'arguments')
    errors.add(node, "Unexpected '" + target.escapedText + "' in strict mode");
}

function checkElement(errors, node, isStrict) {
  if (node.kind === K.BinaryExpression && node.operatorToken.kind === K.EqualsToken)
    node = node.left;
  if (isPattern(node)) checkPattern(errors, node, isStrict);
  else checkSimple(errors, node, isStrict, INVALID_PATTERN);
}

function checkRest(errors, node, list, at, isStrict) {
  var target = node.expression;
  if (at + 1 < list.length || list.hasTrailingComma)
    errors.add(node, 'Rest element must be last element');
  else if (isPattern(target) && node.kind === K.SpreadElement)
    checkPattern(errors, target, isStrict);
  else checkSimple(errors, target, isStrict, INVALID_PATTERN);
}

function checkProperty(errors, property, list, at, isStrict) {
  switch (property.kind) {
    case K.PropertyAssignment:
      checkElement(errors, property.initializer, isStrict);
      break;
    case K.ShorthandPropertyAssignment:
      checkSimple(errors, property.name, isStrict, INVALID_PATTERN);
      break;
    case K.SpreadAssignment:
      checkRest(errors, property, list, at, isStrict);
      break;
    default:
      errors.add(property, INVALID_PATTERN);
  }
}

function checkPattern(errors, node, isStrict) {
  var list = node.kind === K.ArrayLiteralExpression ? node.elements : node.properties;
  for (var i = 0; i < list.length; i++) {
    if (node.kind === K.ObjectLiteralExpression) checkProperty(errors, list[i], list, i, isStrict);
    else if (list[i].kind === K.SpreadElement) checkRest(errors, list[i], list, i, isStrict);
    else if (list[i].kind !== K.OmittedExpression) checkElement(errors, list[i], isStrict);
  }
}

/** @param {boolean} mayBePattern `=` and the heads of loops take patterns, `+=` and `++` do not */
export function checkTarget(errors, node, mayBePattern, isStrict) {
  if (mayBePattern && isPattern(node)) checkPattern(errors, node, isStrict);
  else checkSimple(errors, node, isStrict, INVALID);
}
