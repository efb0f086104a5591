/**
 * Classes and `super`, after fields and private names have been lowered and before the transformer to ES5:
 *
 *   class B extends A { constructor(x) { super(x); this.y = 1; }  m() { return super.m(); } }
 * →
 *   let B = ((_super) => {
 *     "use strict";
 *     function B(x) {
 *       if (!(this instanceof B)) __noNew("B");
 *       var _this = _base.call(this, x) || this;
 *       _this.y = 1;
 *       return _this;
 *     }
 *     var _base = __subclass(B, { m() { return _super.prototype.m.call(this); } }, undefined, undefined, _super);
 *     return B;
 *   })(A);
 *
 * `_base` is what initialises `this` as an A: A itself, or for the engine's own constructors a function that makes one.
 */
import ts from 'typescript';
import {
  arrow,
  assign,
  at,
  block,
  call,
  callMember,
  factory,
  identifier,
  member,
  parameter,
  standFor,
  statement,
  text,
  variable,
  variables,
  declaration,
} from './nodes.js';

var K = ts.SyntaxKind;
var CONTAINS_ES2015 = 1024;

var context;
var usesHasInstance;
/** Where `super` and `this` point in the code being visited: {home, superName, isStatic, thisName, isGeneral}. */
var place;

function visit(node) {
  if (!(node.transformFlags & CONTAINS_ES2015) && !(place && (place.thisName || place.home)))
    return node;
  switch (node.kind) {
    case K.ClassDeclaration:
      return classDeclaration(node);
    case K.ClassExpression:
      return classExpression(node);
    case K.FunctionDeclaration:
    case K.FunctionExpression:
      return inPlace(undefined, function () {
        return ts.visitEachChild(node, visit, context);
      });
    case K.ObjectLiteralExpression:
      return ts.getOriginalNode(node).amidNeedsHome
        ? objectWithHome(node)
        : ts.visitEachChild(node, visit, context);
    case K.MethodDeclaration:
    case K.GetAccessor:
    case K.SetAccessor:
      return objectMember(node);
    case K.ThisKeyword:
      return thisKeyword(node);
    case K.CallExpression:
      return callExpression(node);
    case K.PropertyAccessExpression:
    case K.ElementAccessExpression:
      return isSuperProperty(node) ? superRead(node) : ts.visitEachChild(node, visit, context);
    case K.BinaryExpression:
      return binaryExpression(node);
    case K.PrefixUnaryExpression:
    case K.PostfixUnaryExpression:
      return updateExpression(node);
    case K.ReturnStatement:
      return returnStatement(node);
    default:
      return ts.visitEachChild(node, visit, context);
  }
}

function inPlace(inner, body) {
  var saved = place;
  place = inner;
  try {
    return body();
  } finally {
    place = saved;
  }
}

// Objects

function objectWithHome(node) {
  var home = factory.createUniqueName('home');
  var made = inPlace(
    {
      objectHome: home,
      outer: place,
      thisName: place && place.thisName,
      isGeneral: place && place.isGeneral,
      home: place && place.home,
      superName: place && place.superName,
      isStatic: place && place.isStatic,
    },
    function () {
      return ts.visitEachChild(node, visit, context);
    },
  );
  return factory.createParenthesizedExpression(
    factory.createCallExpression(
      factory.createParenthesizedExpression(
        arrow(
          [],
          block([variable(home, made, ts.NodeFlags.None), factory.createReturnStatement(home)]),
        ),
      ),
      undefined,
      [],
    ),
  );
}

/** A method of an object literal; those of classes are visited by classParts. */
function objectMember(node) {
  var home = place && place.objectHome;
  var name = ts.visitNode(node.name, visit);
  return inPlace(home && { home: home }, function () {
    return withName(ts.visitEachChild(node, visit, context), name);
  });
}

function withName(node, name) {
  if (node.kind === K.MethodDeclaration) {
    return factory.updateMethodDeclaration(
      node,
      node.modifiers,
      node.asteriskToken,
      name,
      undefined,
      undefined,
      node.parameters,
      undefined,
      node.body,
    );
  }
  if (node.kind === K.GetAccessor)
    return factory.updateGetAccessorDeclaration(
      node,
      node.modifiers,
      name,
      node.parameters,
      undefined,
      node.body,
    );
  return factory.updateSetAccessorDeclaration(
    node,
    node.modifiers,
    name,
    node.parameters,
    node.body,
  );
}

// this and super

function thisKeyword(node) {
  if (place === undefined || place.thisName === undefined) return node;
  return at(currentThis(), node);
}

function currentThis() {
  if (place !== undefined && place.isStaticInitializer) return place.home;
  if (place === undefined || place.thisName === undefined) return factory.createThis();
  return place.isGeneral ? call('__initialized', [place.thisName]) : place.thisName;
}

function isSuperProperty(node) {
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
  return place.isPrototype ? member(place.home, 'prototype') : place.home;
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
  if (place !== undefined && place.home !== undefined) return body();
  return inPlace(staticPlace(node), body);
}

function superRead(node) {
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
  if (!place.superName) return superRead(node);
  object = place.isPrototype ? member(place.superName, 'prototype') : place.superName;
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

function callExpression(node) {
  if (isFieldDefinition(node)) return fieldDefinition(node);
  if (node.expression.kind === K.SuperKeyword) return superCall(node);
  if (!isSuperProperty(node.expression)) return ts.visitEachChild(node, visit, context);
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
function superCallValue(node, self) {
  var made;
  if (isArgumentsSpread(node.arguments))
    made = callMember(place.base, 'apply', [self, identifier('arguments')]);
  else
    made = callMember(
      place.base,
      'call',
      [self].concat(ts.visitNodes(node.arguments, visit).slice()),
    );
  return at(factory.createLogicalOr(at(made, node), self), node);
}

function superCall(node) {
  return at(
    factory.createParenthesizedExpression(
      assign(
        place.thisName,
        factory.createParenthesizedExpression(
          factory.createComma(call('__once', [place.thisName]), superCallValue(node, place.self)),
        ),
      ),
    ),
    node,
  );
}

function isAssignment(kind) {
  return kind >= K.FirstAssignment && kind <= K.LastAssignment;
}

function binaryExpression(node) {
  if (!isAssignment(node.operatorToken.kind) || !isSuperProperty(node.left))
    return ts.visitEachChild(node, visit, context);
  return factory.updateBinaryExpression(
    node,
    superTarget(node.left),
    node.operatorToken,
    ts.visitNode(node.right, visit),
  );
}

function updateExpression(node) {
  if (!isSuperProperty(node.operand)) return ts.visitEachChild(node, visit, context);
  if (node.kind === K.PrefixUnaryExpression)
    return factory.updatePrefixUnaryExpression(node, superTarget(node.operand));
  return factory.updatePostfixUnaryExpression(node, superTarget(node.operand));
}

function returnStatement(node) {
  var visited;
  if (!place || !place.isConstructor || place.arrowDepth)
    return ts.visitEachChild(node, visit, context);
  if (node.expression === undefined) return factory.updateReturnStatement(node, currentThis());
  visited = ts.visitNode(node.expression, visit);
  return factory.updateReturnStatement(node, call('__constructed', [visited, place.thisName]));
}

// Classes

function extendsClause(node) {
  var clauses = node.heritageClauses || [];
  for (var i = 0; i < clauses.length; i++) {
    if (clauses[i].token === K.ExtendsKeyword) return clauses[i].types[0];
  }
  return undefined;
}

function isStatic(node) {
  return ts.hasStaticModifier(node);
}

function classDeclaration(node) {
  var name = node.name || factory.createUniqueName('class');
  var value = classValue(node, name);
  var target = standFor(declaration(name, value), node);
  return at(
    factory.createVariableStatement(undefined, at(variables([target], ts.NodeFlags.Let), node)),
    node,
  );
}

function classExpression(node) {
  return classValue(node, node.name);
}

function givenName(node) {
  var original = ts.getOriginalNode(node);
  if (original.name) return ts.idText(original.name);
  return original.amidName === undefined ? '' : ts.unescapeLeadingUnderscores(original.amidName);
}

function isIdentifierText(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name);
}

function classValue(node, name) {
  var heritage = extendsClause(node);
  var shownName = givenName(node);
  var inner = name || factory.createUniqueName(isIdentifierText(shownName) ? shownName : 'class');
  var superName = heritage && factory.createUniqueName('_super');
  var base = heritage && factory.createUniqueName('_base');
  var outer = place;
  var constructorFunction = classConstructor(node, inner, base, superName, shownName);
  var args = [
    inner,
    members(node, inner, superName, false, outer),
    members(node, inner, superName, true, outer),
  ];
  if (heritage || ts.idText(inner) !== shownName || !name) args.push(text(shownName));
  if (heritage) args.push(superName);
  var made = call(heritage ? '__subclass' : '__class', args);
  var body = block([
    statement(factory.createStringLiteral('use strict')),
    constructorFunction,
    heritage ? variable(base, made, ts.NodeFlags.None) : statement(made),
    factory.createReturnStatement(inner),
  ]);
  var wrapper = factory.createParenthesizedExpression(
    arrow(heritage ? [parameter(superName)] : [], body),
  );
  return at(
    factory.createCallExpression(
      wrapper,
      undefined,
      heritage ? [ts.visitNode(heritage.expression, visit)] : [],
    ),
    node,
  );
}

function members(node, inner, superName, wantStatic, outer) {
  var list = node.members.filter(function (each) {
    var isMember =
      each.kind === K.MethodDeclaration ||
      each.kind === K.GetAccessor ||
      each.kind === K.SetAccessor;
    return isMember && each.body && isStatic(each) === wantStatic;
  });
  if (list.length === 0 && wantStatic) return factory.createVoidZero();
  var made = list.map(function (each) {
    return classMember(each, inner, superName, outer);
  });
  // Where it stands first among the prototype's own properties.
  if (!wantStatic) made.unshift(factory.createPropertyAssignment('constructor', inner));
  return factory.createObjectLiteralExpression(made, true);
}

function withoutModifiers(node, name) {
  var made;
  if (node.kind === K.MethodDeclaration) {
    made = factory.createMethodDeclaration(
      undefined,
      undefined,
      name,
      undefined,
      undefined,
      node.parameters,
      undefined,
      node.body,
    );
  } else if (node.kind === K.GetAccessor) {
    made = factory.createGetAccessorDeclaration(
      undefined,
      name,
      node.parameters,
      undefined,
      node.body,
    );
  } else {
    made = factory.createSetAccessorDeclaration(undefined, name, node.parameters, node.body);
  }
  return standFor(made, node);
}

function classMember(node, inner, superName, outer) {
  var name = inPlace(outer, function () {
    return ts.visitNode(node.name, visit);
  });
  return inPlace({ home: inner, isPrototype: !isStatic(node), superName: superName }, function () {
    return withoutModifiers(ts.visitEachChild(node, visit, context), name);
  });
}

function findConstructor(node) {
  for (var i = 0; i < node.members.length; i++) {
    if (node.members[i].kind === K.Constructor && node.members[i].body) return node.members[i];
  }
  return undefined;
}

function newCheck(inner, shownName) {
  var isInstance = usesHasInstance
    ? call('__isInstance', [factory.createThis(), inner])
    : factory.createBinaryExpression(factory.createThis(), K.InstanceOfKeyword, inner);
  var refuse = statement(call('__noNew', [text(shownName)]));
  return factory.createIfStatement(
    factory.createLogicalNot(factory.createParenthesizedExpression(isInstance)),
    refuse,
  );
}

function classConstructor(node, inner, base, superName, shownName) {
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
      statements = [first].concat(place.isGeneral ? generalBody(original) : simpleBody(original));
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
            place.thisName,
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
  return made.concat([factory.createReturnStatement(place.thisName)]);
}

function generalBody(original) {
  return [
    variable(place.thisName, undefined, ts.NodeFlags.None),
    variable(place.self, factory.createThis(), ts.NodeFlags.None),
  ]
    .concat(ts.visitNodes(original.body.statements, visit).slice())
    .concat([factory.createReturnStatement(currentThis())]);
}

export function startClasses(analysis) {
  usesHasInstance = analysis.usesHasInstance;
}

/** A transformer factory as ts.transformNodes takes it. */
export function classTransformer(transformationContext) {
  context = transformationContext;
  place = undefined;
  return function (file) {
    return ts.visitEachChild(file, visit, context);
  };
}
