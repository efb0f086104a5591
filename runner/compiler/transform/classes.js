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
  at,
  block,
  call,
  factory,
  parameter,
  standFor,
  statement,
  text,
  variable,
  variables,
  declaration,
} from './nodes.js';
import { classConstructor } from './constructors.js';
import { current, inPlace, visitChildren } from './place.js';
import {
  binaryExpression,
  callExpression,
  isSuperProperty,
  returnStatement,
  superRead,
  thisKeyword,
  updateExpression,
} from './super.js';

var K = ts.SyntaxKind;

var CONTAINS_ES2015 = 1024;

function visit(node) {
  if (
    !(node.transformFlags & CONTAINS_ES2015) &&
    !(current.place && (current.place.thisName || current.place.home))
  )
    return node;
  switch (node.kind) {
    case K.ClassDeclaration:
      return classDeclaration(node);
    case K.ClassExpression:
      return classExpression(node);
    case K.FunctionDeclaration:
    case K.FunctionExpression:
      return inPlace(undefined, function () {
        return visitChildren(node);
      });
    case K.ObjectLiteralExpression:
      return ts.getOriginalNode(node).amidNeedsHome ? objectWithHome(node) : visitChildren(node);
    case K.MethodDeclaration:
    case K.GetAccessor:
    case K.SetAccessor:
      return objectMember(node);
    case K.ArrowFunction:
      return arrowFunction(node);
    case K.ThisKeyword:
      return thisKeyword(node);
    case K.CallExpression:
      return callExpression(node);
    case K.PropertyAccessExpression:
    case K.ElementAccessExpression:
      return isSuperProperty(node) ? superRead(node) : visitChildren(node);
    case K.BinaryExpression:
      return binaryExpression(node);
    case K.PrefixUnaryExpression:
    case K.PostfixUnaryExpression:
      return updateExpression(node);
    case K.ReturnStatement:
      return returnStatement(node);
    default:
      return visitChildren(node);
  }
}

/** What returns from an arrow function does not return from the constructor around. */
function arrowFunction(node) {
  var place = current.place;
  if (place === undefined || !place.isConstructor) return visitChildren(node);
  return inPlace(Object.assign({}, place, { isConstructor: false }), function () {
    return visitChildren(node);
  });
}

// Objects

function objectWithHome(node) {
  var home = factory.createUniqueName('home');
  var made = inPlace(
    {
      objectHome: home,
      outer: current.place,
      thisName: current.place && current.place.thisName,
      isGeneral: current.place && current.place.isGeneral,
      home: current.place && current.place.home,
      superName: current.place && current.place.superName,
      isStatic: current.place && current.place.isStatic,
    },
    function () {
      return visitChildren(node);
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
  var home = current.place && current.place.objectHome;
  var name = ts.visitNode(node.name, visit);
  return inPlace(home && { home: home }, function () {
    return withName(visitChildren(node), name);
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
  var outer = current.place;
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
    return withoutModifiers(visitChildren(node), name);
  });
}

export function startClasses(analysis) {
  current.usesHasInstance = analysis.usesHasInstance;
}

/** A transformer factory as ts.transformNodes takes it. */
export function classTransformer(transformationContext) {
  current.context = transformationContext;
  current.visit = visit;
  current.place = undefined;
  return function (file) {
    return visitChildren(file);
  };
}
