/** Expressions: references, and what needs a word or a transformer. */
import ts from 'typescript';
import { checkTarget } from '../assignment.js';
import { checkNumber, checkObjectLiteral, checkTemplate, checkYieldName } from '../early.js';
import { noteOperand } from '../operands.js';
import { checkRegularExpression } from '../patterns.js';
import { markDirty } from '../scope.js';
import { noteWarning } from '../warnings.js';
import { noteModuleCall } from './modules.js';
import { markTarget } from './targets.js';
import {
  adopt,
  children,
  giveName,
  on,
  refer,
  visitAll,
  visitIn,
  visitPropertyName,
  walk,
} from './walk.js';

var K = ts.SyntaxKind;

on([K.Identifier], function (node) {
  checkYieldName(walk.errors, node, walk.owner);
  refer(node, node.amidIsTarget === true);
});

on([K.PropertyAccessExpression], function (node) {
  visitIn(node.expression, node);
  if (node.name.kind === K.PrivateIdentifier) visitIn(node.name, node);
  else adopt(node.name, node);
  noteWarning(walk.analysis, node);
});

on([K.PropertyAssignment], function (node) {
  visitPropertyName(node.name, node);
  giveName(node.initializer, node.name);
  visitIn(node.initializer, node);
  if (isPrototypeProperty(node)) {
    node.parent.amidPrototype = node;
    markDirty(node);
  }
});

/** `__proto__: value` in an object literal, which the engine would take for an ordinary property. */
function isPrototypeProperty(node) {
  var name = node.name;
  if (name.kind !== K.Identifier && name.kind !== K.StringLiteral) return false;
  if (name.text !== undefined ? name.text !== '__proto__' : ts.idText(name) !== '__proto__')
    return false;
  return node.parent.kind === K.ObjectLiteralExpression && !node.parent.amidIsPattern;
}

on([K.ObjectLiteralExpression], function (node) {
  if (!node.amidIsPattern) checkObjectLiteral(walk.errors, node);
  children(node);
});

on([K.NumericLiteral], function (node) {
  checkNumber(walk.errors, node);
});

on(
  [K.NoSubstitutionTemplateLiteral, K.TemplateHead, K.TemplateMiddle, K.TemplateTail],
  function (node) {
    checkTemplate(walk.errors, node);
  },
);

on([K.ShorthandPropertyAssignment], function (node) {
  node.name.parent = node;
  refer(node.name, node.name.amidIsTarget === true);
  giveName(node.objectAssignmentInitializer, node.name);
  visitIn(node.objectAssignmentInitializer, node);
});

on([K.MetaProperty], function (node) {
  walk.errors.checkMetaProperty(node, walk.owner);
});

on([K.BinaryExpression], function (node) {
  var operator = node.operatorToken.kind;
  if (operator >= K.FirstAssignment && operator <= K.LastAssignment) {
    checkTarget(walk.errors, node.left, operator === K.EqualsToken, walk.owner.isStrict);
    markTarget(node.left);
    if (node.left.kind === K.Identifier) giveName(node.right, node.left);
  } else {
    noteOperand(walk.analysis, node);
  }
  children(node);
});

on([K.PrefixUnaryExpression, K.PostfixUnaryExpression], function (node) {
  if (node.operator === K.PlusPlusToken || node.operator === K.MinusMinusToken) {
    checkTarget(walk.errors, node.operand, false, walk.owner.isStrict);
    markTarget(node.operand);
  }
  children(node);
});

on([K.DeleteExpression], function (node) {
  walk.errors.checkDelete(node, walk.owner.isStrict);
  children(node);
});

on([K.AwaitExpression], function (node) {
  walk.errors.checkAwait(node, walk.owner);
  walk.owner.hasAwait = true;
  markDirty(node);
  children(node);
});

on([K.YieldExpression], function (node) {
  walk.errors.checkYield(node, walk.owner);
  markDirty(node);
  children(node);
});

on([K.ReturnStatement], function (node) {
  if (walk.owner.isAsync && walk.owner.isGenerator) markDirty(node);
  children(node);
});

on([K.TaggedTemplateExpression], function (node) {
  if (node.tag.flags & ts.NodeFlags.OptionalChain)
    walk.errors.add(node.template, 'Invalid tagged template on optional chain');
  markDirty(node);
  visitIn(node.tag, node);
  visitIn(node.template, node);
});

on([K.CallExpression, K.NewExpression], function (node) {
  walk.errors.checkCall(node, walk.owner);
  noteModuleCall(node);
  visitIn(node.expression, node);
  visitAll(node.arguments, node);
  noteWarning(walk.analysis, node);
});

on([K.SuperKeyword], function (node) {
  walk.errors.checkSuper(node, walk.owner);
  noteHome();
  markDirty(node);
});

/** `super` in a method of an object literal needs a name for that object. */
function noteHome() {
  var home = walk.owner;
  while (home.isArrow) home = home.parent;
  if (home.node.parent && home.node.parent.kind === K.ObjectLiteralExpression)
    home.node.parent.amidNeedsHome = true;
}

on([K.RegularExpressionLiteral], function (node) {
  if (checkRegularExpression(node, walk.errors)) markDirty(node);
});

on([K.BigIntLiteral], function (node) {
  walk.errors.add(
    node,
    'BigInt literals are not supported; use a number, or a string for long identifiers',
  );
});

on([K.Decorator], function (node) {
  walk.errors.add(node, 'Decorators are not supported');
});

on([K.JsxElement, K.JsxSelfClosingElement, K.JsxFragment], function (node) {
  walk.errors.add(node, 'JSX is not supported');
});
