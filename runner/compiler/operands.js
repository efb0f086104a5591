/**
 * `x + f()` where f changes x: the engine reads a local variable on the left of an operator only after it has evaluated
 * the right side. Where that can be seen, the left operand becomes `x || x`, which has the same value, read in time.
 */
import ts from 'typescript';
import { markDirty } from './scope.js';
import { Use } from './readiness.js';

var K = ts.SyntaxKind;

function leftName(node) {
  while (node.kind === K.ParenthesizedExpression) node = node.expression;
  if (node.kind === K.BinaryExpression && node.operatorToken.kind === K.CommaToken)
    return leftName(node.right);
  return node.kind === K.Identifier ? node : undefined;
}

function isFlat(node) {
  return (
    node.kind === K.Identifier || node.kind === K.NumericLiteral || node.kind === K.StringLiteral
  );
}

/** Notes a binary expression for later, when it is known what its left name means. */
export function noteOperand(analysis, node) {
  var name;
  if (isFlat(node.right)) return;
  name = leftName(node.left);
  if (name !== undefined) analysis.operands.push({ name: name, right: node.right });
}

function runsCode(node) {
  switch (node.kind) {
    case K.CallExpression:
    case K.NewExpression:
    case K.AwaitExpression:
    case K.YieldExpression:
    case K.TaggedTemplateExpression:
      return true;
    case K.FunctionExpression:
    case K.ArrowFunction:
      return false;
    default:
      return ts.forEachChild(node, runsCode) === true;
  }
}

function isInside(node, container) {
  return node.pos >= container.pos && node.end <= container.end;
}

function canChange(binding, right) {
  var isWrittenElsewhere = false;
  for (var i = 0; i < binding.references.length; i++) {
    var reference = binding.references[i];
    if (!reference.isWrite) continue;
    if (isInside(reference.node, right)) return true;
    if (reference.owner !== binding.scope.owner) isWrittenElsewhere = true;
  }
  return isWrittenElsewhere && runsCode(right);
}

export function copyUnstableOperands(analysis) {
  analysis.operands.forEach(function (operand) {
    var binding = operand.name.amidBinding;
    if (binding === undefined || !binding.isAssigned || operand.name.amidUse !== undefined) return;
    if (!canChange(binding, operand.right)) return;
    operand.name.amidUse = Use.TO_COPY;
    markDirty(operand.name);
  });
}
