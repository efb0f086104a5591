/** `this`, `super` and `super(…)` inside classes and objects; see classes.js for the form. */
import ts from 'typescript';
import {
  assign,
  at,
  call,
  callMember,
  factory,
  identifier,
  member,
  standFor,
  text,
} from './nodes.js';
import { current, inPlace, visit, visitChildren } from './place.js';

var K = ts.SyntaxKind;

export function thisKeyword(node) {
  if (current.place === undefined || current.place.thisName === undefined) return node;
  return at(currentThis(), node);
}

export function currentThis() {
  if (current.place !== undefined && current.place.isStaticInitializer) return current.place.home;
  if (current.place === undefined || current.place.thisName === undefined)
    return factory.createThis();
  return current.place.isGeneral
    ? call('__initialized', [current.place.thisName])
    : current.place.thisName;
}

export function isSuperProperty(node) {
  return (
    (node.kind === K.PropertyAccessExpression || node.kind === K.ElementAccessExpression) &&
    node.expression.kind === K.SuperKeyword
  );
}

function superKey(node) {
  if (node.kind === K.PropertyAccessExpression) return text(ts.idText(node.name));
  return ts.visitNode(node.argumentExpression, visit);
}

function homeObject() {
  return current.place.isPrototype ? member(current.place.home, 'prototype') : current.place.home;
}

/** `super` in a static initializer, which has been moved behind its class. */
function staticPlace(node) {
  var at = ts.getParseTreeNode(node);
  while (at !== undefined && at.kind !== K.ClassDeclaration && at.kind !== K.ClassExpression)
    at = at.parent;
  if (at === undefined || at.name === undefined || at.kind === K.ClassExpression) {
    throw new SyntaxError("'super' in a static initializer of a class expression is not supported");
  }
  var binding = at.name.amidBinding;
  return { home: identifier(binding.newName || ts.idText(at.name)), isStaticInitializer: true };
}

function inHome(node, body) {
  if (current.place !== undefined && current.place.home !== undefined) return body();
  return inPlace(staticPlace(node), body);
}

export function superRead(node) {
  return inHome(node, function () {
    return superReadHere(node);
  });
}

function superReadHere(node) {
  return at(call('__superGet', [homeObject(), superKey(node), currentThis()]), node);
}

function superTarget(node) {
  return inHome(node, function () {
    return superTargetHere(node);
  });
}

function superTargetHere(node) {
  return at(
    member(call('__superReference', [homeObject(), superKey(node), currentThis()]), 'value'),
    node,
  );
}

function superMethod(node) {
  var object;
  if (!current.place.superName) return superRead(node);
  object = current.place.isPrototype
    ? member(current.place.superName, 'prototype')
    : current.place.superName;
  if (node.kind === K.PropertyAccessExpression) return at(member(object, node.name), node);
  return at(factory.createElementAccessExpression(object, superKey(node)), node);
}

/** The definition of a public field as the pass before has written it: Object.defineProperty with everything true. */
function isFieldDefinition(node) {
  var callee = node.expression;
  var descriptor = node.arguments[2];
  return (
    callee.pos < 0 &&
    callee.kind === K.PropertyAccessExpression &&
    ts.idText(callee.name) === 'defineProperty' &&
    descriptor !== undefined &&
    descriptor.kind === K.ObjectLiteralExpression &&
    descriptor.properties.length === 4 &&
    ts.idText(descriptor.properties[3].name) === 'value'
  );
}

function fieldDefinition(node) {
  var value = node.arguments[2].properties[3].initializer;
  var args = [node.arguments[0], node.arguments[1], value].map(function (argument) {
    return ts.visitNode(argument, visit);
  });
  // It keeps what the pass before attached to it: the meaning of `this` in a static initializer.
  return ts.setEmitFlags(standFor(call('__field', args), node), ts.getEmitFlags(node));
}

export function callExpression(node) {
  if (isFieldDefinition(node)) return fieldDefinition(node);
  if (node.expression.kind === K.SuperKeyword) return superCall(node);
  if (!isSuperProperty(node.expression)) return visitChildren(node);
  return inHome(node, function () {
    return superMethodCall(node);
  });
}

function superMethodCall(node) {
  var args = ts.visitNodes(node.arguments, visit);
  return at(
    callMember(superMethod(node.expression), 'call', [currentThis()].concat(args.slice())),
    node,
  );
}

function isArgumentsSpread(args) {
  return (
    args.length === 1 &&
    args[0].kind === K.SpreadElement &&
    args[0].expression.kind === K.Identifier &&
    args[0].expression.escapedText === 'arguments'
  );
}

/** super(…) as the value that `this` gets. */
export function superCallValue(node, self) {
  var made;
  if (isArgumentsSpread(node.arguments))
    made = callMember(current.place.base, 'apply', [self, identifier('arguments')]);
  else
    made = callMember(
      current.place.base,
      'call',
      [self].concat(ts.visitNodes(node.arguments, visit).slice()),
    );
  return at(factory.createLogicalOr(at(made, node), self), node);
}

function superCall(node) {
  return at(
    factory.createParenthesizedExpression(
      assign(
        current.place.thisName,
        factory.createParenthesizedExpression(
          factory.createComma(
            call('__once', [current.place.thisName]),
            superCallValue(node, current.place.self),
          ),
        ),
      ),
    ),
    node,
  );
}

function isAssignment(kind) {
  return kind >= K.FirstAssignment && kind <= K.LastAssignment;
}

export function binaryExpression(node) {
  if (!isAssignment(node.operatorToken.kind) || !isSuperProperty(node.left))
    return visitChildren(node);
  return factory.updateBinaryExpression(
    node,
    superTarget(node.left),
    node.operatorToken,
    ts.visitNode(node.right, visit),
  );
}

export function updateExpression(node) {
  if (!isSuperProperty(node.operand)) return visitChildren(node);
  if (node.kind === K.PrefixUnaryExpression)
    return factory.updatePrefixUnaryExpression(node, superTarget(node.operand));
  return factory.updatePostfixUnaryExpression(node, superTarget(node.operand));
}

export function returnStatement(node) {
  var visited;
  if (!current.place || !current.place.isConstructor || current.place.arrowDepth)
    return visitChildren(node);
  if (node.expression === undefined) return factory.updateReturnStatement(node, currentThis());
  visited = ts.visitNode(node.expression, visit);
  return factory.updateReturnStatement(
    node,
    call('__constructed', [visited, current.place.thisName]),
  );
}
