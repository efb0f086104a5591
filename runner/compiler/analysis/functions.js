/** Functions of all kinds, and classes. */
import ts from 'typescript';
import {
  checkArrow,
  checkClass,
  checkFunctionName,
  checkParameters,
  checkStrictDirective,
  checkYieldName,
  isSimpleList,
} from '../early.js';
import { FunctionInfo, Kind, markDirty, uniqueName } from '../scope.js';
import { noteExported } from './modules.js';
import {
  adopt,
  closeScope,
  declare,
  declarePattern,
  giveName,
  hasModifier,
  isAnonymousFunction,
  on,
  openScope,
  visitAll,
  visitIn,
  visitPropertyName,
  walk,
} from './walk.js';

var K = ts.SyntaxKind;

// Functions

function openFunction(node, flags) {
  var info = new FunctionInfo(node, walk.owner);
  var saved = { owner: walk.owner, loop: walk.loop, jumps: walk.jumps };
  info.isArrow = node.kind === K.ArrowFunction;
  info.isAsync = flags.isAsync;
  info.isGenerator = flags.isGenerator;
  node.amidFunction = info;
  walk.owner = info;
  walk.loop = undefined;
  walk.jumps = [];
  info.scope = openScope(node);
  return saved;
}

function closeFunction(saved) {
  closeScope();
  walk.owner = saved.owner;
  walk.loop = saved.loop;
  walk.jumps = saved.jumps;
}

function hasUseStrict(body) {
  var statements = body !== undefined && body.kind === K.Block ? body.statements : [];
  for (var i = 0; i < statements.length; i++) {
    var expression = statements[i].kind === K.ExpressionStatement && statements[i].expression;
    if (!expression || expression.kind !== K.StringLiteral) return false;
    if (expression.text === 'use strict') return true;
  }
  return false;
}

function isMethodOrArrow(node) {
  return node.kind !== K.FunctionDeclaration && node.kind !== K.FunctionExpression;
}

function visitFunction(node) {
  var isAsync = hasModifier(node, K.AsyncKeyword);
  var selfScope = node.kind === K.FunctionExpression && node.name !== undefined;
  var saved;
  if (node.body === undefined || hasModifier(node, K.DeclareKeyword)) return;
  walk.errors.checkModifiers(node);
  if (selfScope) {
    openScope(node);
    declare(node.name, Kind.SELF, node);
    if (node.asteriskToken) checkYieldName(walk.errors, node.name, { isGenerator: true });
  }
  saved = openFunction(node, { isAsync: isAsync, isGenerator: node.asteriskToken !== undefined });
  if (hasUseStrict(node.body)) {
    walk.owner.isStrict = true;
    checkStrictDirective(walk.errors, node);
  }
  walk.owner.hasUniqueParameters = isMethodOrArrow(node) || !isSimpleList(node.parameters);
  if (isAsync || node.asteriskToken) markDirty(node);
  visitParameters(node);
  if (node.body.kind === K.Block) {
    adopt(node.body, node);
    visitAll(node.body.statements, node.body);
  } else {
    visitIn(node.body, node);
  }
  closeFunction(saved);
  if (selfScope) closeScope();
}

function visitParameters(node) {
  checkParameters(walk.errors, node);
  walk.owner.isInParameters = true;
  for (var i = 0; i < node.parameters.length; i++) {
    var parameter = node.parameters[i];
    var name = parameter.name;
    adopt(parameter, node);
    walk.errors.checkModifiers(parameter);
    if (name.kind === K.Identifier && name.escapedText === 'this') continue;
    declarePattern(name, Kind.PARAM, parameter);
    giveName(parameter.initializer, name);
    visitIn(parameter.initializer, parameter);
  }
  walk.owner.isInParameters = false;
}

on([K.FunctionDeclaration], function (node) {
  var isInBlock;
  var binding;
  if (node.body === undefined || hasModifier(node, K.DeclareKeyword)) return;
  isInBlock = walk.scope !== walk.owner.scope;
  noteExported(node, nameOfDefault);
  adopt(node.name, node);
  checkFunctionName(walk.errors, node);
  if (node.name) {
    walk.errors.checkBindingName(node.name, walk.owner.isStrict, Kind.FUNCTION);
    checkYieldName(walk.errors, node.name, walk.owner);
    if (isInBlock) {
      binding = declare(node.name, Kind.FUNCTION, node);
      node.amidInBlock = true;
      markDirty(node);
      noteBlockFunction(node, binding);
    } else {
      declare(node.name, Kind.FUNCTION, node);
    }
  }
  visitFunction(node);
});

/** `export default function () {}` has to be called something. */
function nameOfDefault() {
  return ts.factory.createIdentifier(uniqueName('default'));
}

/** Sloppy mode shows a plain function of a block in the whole function, unless a name in between forbids it. */
function noteBlockFunction(node, binding) {
  var list;
  if (walk.owner.isStrict || node.asteriskToken || hasModifier(node, K.AsyncKeyword)) return;
  for (var at = walk.scope.parent; at !== walk.owner.scope; at = at.parent) {
    var outer = at.names[binding.name];
    if (outer !== undefined && outer.kind !== Kind.CATCH && outer.kind !== Kind.FUNCTION) return;
  }
  list = walk.owner.blockFunctions[binding.name] || (walk.owner.blockFunctions[binding.name] = []);
  if (list.indexOf(binding) < 0) list.push(binding);
}

on([K.FunctionExpression, K.ArrowFunction], function (node) {
  if (node.kind === K.ArrowFunction) checkArrow(walk.errors, node);
  adopt(node.name, node);
  visitFunction(node);
});

on([K.MethodDeclaration, K.Constructor, K.GetAccessor, K.SetAccessor], function (node) {
  var wasStrict = walk.owner.isStrict;
  if (node.name) visitPropertyName(node.name, node);
  walk.errors.checkMember(node);
  visitFunction(node);
  walk.owner.isStrict = wasStrict;
});

// Classes

on([K.ClassDeclaration, K.ClassExpression], function (node) {
  var wasStrict = walk.owner.isStrict;
  if (hasModifier(node, K.DeclareKeyword)) return;
  walk.errors.checkModifiers(node);
  if (node.kind === K.ClassDeclaration) noteExported(node, nameOfDefault);
  walk.owner.isStrict = true;
  adopt(node.name, node);
  if (node.name && node.kind === K.ClassDeclaration) declare(node.name, Kind.CLASS, node);
  openScope(node);
  if (node.name && node.kind === K.ClassExpression) declare(node.name, Kind.SELF, node);
  visitAll(node.heritageClauses, node);
  checkClass(walk.errors, node);
  walk.classes.push(walk.errors.privateNames(node));
  visitAll(node.members, node);
  walk.classes.pop();
  closeScope();
  markDirty(node);
  walk.owner.isStrict = wasStrict;
});

on([K.HeritageClause], function (node) {
  if (node.token === K.ExtendsKeyword) visitAll(node.types, node);
});

on([K.ExpressionWithTypeArguments], function (node) {
  visitIn(node.expression, node);
});

function visitInitializer(node, body) {
  var saved = openFunction(node, { isAsync: false, isGenerator: false });
  walk.owner.isInitializer = true;
  body();
  closeFunction(saved);
}

on([K.PropertyDeclaration], function (node) {
  visitPropertyName(node.name, node);
  walk.errors.checkMember(node);
  if (node.initializer === undefined || hasModifier(node, K.DeclareKeyword)) return;
  if (node.name.kind === K.PrivateIdentifier) {
    if (isAnonymousFunction(node.initializer)) node.initializer.amidName = node.name.escapedText;
  } else {
    giveName(node.initializer, node.name);
  }
  visitInitializer(node, function () {
    visitIn(node.initializer, node);
  });
});

on([K.ClassStaticBlockDeclaration], function (node) {
  adopt(node.body, node);
  visitInitializer(node, function () {
    visitAll(node.body.statements, node.body);
  });
});

on([K.PrivateIdentifier], function (node) {
  walk.errors.checkPrivateName(node, walk.classes);
});
