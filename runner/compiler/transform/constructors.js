/** The constructor function of a class; see classes.js for the form. */
import ts from 'typescript';
import {
  at,
  block,
  call,
  callMember,
  factory,
  identifier,
  standFor,
  statement,
  text,
  variable,
} from './nodes.js';
import { current, inPlace, visit } from './place.js';
import { currentThis, superCallValue } from './super.js';

var K = ts.SyntaxKind;

function findConstructor(node) {
  for (var i = 0; i < node.members.length; i++) {
    if (node.members[i].kind === K.Constructor && node.members[i].body) return node.members[i];
  }
  return undefined;
}

function newCheck(inner, shownName) {
  var isInstance = current.usesHasInstance
    ? call('__isInstance', [factory.createThis(), inner])
    : factory.createBinaryExpression(factory.createThis(), K.InstanceOfKeyword, inner);
  var refuse = statement(call('__noNew', [text(shownName)]));
  return factory.createIfStatement(
    factory.createLogicalNot(factory.createParenthesizedExpression(isInstance)),
    refuse,
  );
}

export function classConstructor(node, inner, base, superName, shownName) {
  var original = findConstructor(node);
  var first = newCheck(inner, shownName);
  var parameters = [];
  var statements;
  if (original === undefined) {
    statements = base
      ? [
          first,
          factory.createReturnStatement(
            factory.createLogicalOr(
              callMember(base, 'apply', [factory.createThis(), identifier('arguments')]),
              factory.createThis(),
            ),
          ),
        ]
      : [first];
  } else if (base === undefined) {
    inPlace({ home: inner, isPrototype: true }, function () {
      parameters = ts.visitNodes(original.parameters, visit);
      statements = [first].concat(ts.visitNodes(original.body.statements, visit).slice());
    });
  } else {
    inPlace(derivedPlace(original, inner, base, superName), function () {
      parameters = ts.visitNodes(original.parameters, visit);
      statements = [first].concat(
        current.place.isGeneral ? generalBody(original) : simpleBody(original),
      );
    });
  }
  var made = factory.createFunctionDeclaration(
    undefined,
    undefined,
    inner,
    undefined,
    parameters,
    undefined,
    block(statements),
  );
  return original ? standFor(made, original) : at(made, node);
}

function derivedPlace(original, inner, base, superName) {
  return {
    home: inner,
    isPrototype: true,
    superName: superName,
    base: base,
    isConstructor: true,
    thisName: factory.createUniqueName('_this'),
    self: factory.createUniqueName('self'),
    isGeneral: !hasPlainSuperCall(original),
  };
}

function isSuperStatement(node) {
  return (
    node.kind === K.ExpressionStatement &&
    node.expression.kind === K.CallExpression &&
    node.expression.expression.kind === K.SuperKeyword
  );
}

/** Whether `super(…)` is one statement of its own with nothing before that could ask for `this`. */
function hasPlainSuperCall(original) {
  var statements = original.body.statements;
  for (var i = 0; i < statements.length; i++) {
    if (isSuperStatement(statements[i])) {
      return (
        !statements.slice(i + 1).some(callsSuper) &&
        !statements[i].expression.arguments.some(mentionsThis)
      );
    }
    if (mentionsThis(statements[i])) return false;
  }
  return false;
}

function mentions(node, test) {
  if (test(node)) return true;
  if (node.kind === K.FunctionDeclaration || node.kind === K.FunctionExpression) return false;
  return (
    ts.forEachChild(node, function (child) {
      return mentions(child, test) || undefined;
    }) === true
  );
}

function mentionsThis(node) {
  return mentions(node, function (each) {
    return (
      each.kind === K.ThisKeyword || each.kind === K.SuperKeyword || each.kind === K.ReturnStatement
    );
  });
}

function callsSuper(node) {
  return mentions(node, function (each) {
    return each.kind === K.CallExpression && each.expression.kind === K.SuperKeyword;
  });
}

function simpleBody(original) {
  var made = [];
  original.body.statements.forEach(function (each) {
    if (isSuperStatement(each)) {
      made.push(
        at(
          variable(
            current.place.thisName,
            superCallValue(each.expression, factory.createThis()),
            ts.NodeFlags.None,
          ),
          each,
        ),
      );
    } else {
      made.push(ts.visitNode(each, visit));
    }
  });
  return made.concat([factory.createReturnStatement(current.place.thisName)]);
}

function generalBody(original) {
  return [
    variable(current.place.thisName, undefined, ts.NodeFlags.None),
    variable(current.place.self, factory.createThis(), ts.NodeFlags.None),
  ]
    .concat(ts.visitNodes(original.body.statements, visit).slice())
    .concat([factory.createReturnStatement(currentThis())]);
}
