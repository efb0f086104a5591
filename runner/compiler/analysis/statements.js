/** Statements and declarations. */
import ts from 'typescript';
import { checkTarget } from '../assignment.js';
import { checkBody, checkCatchVariable, checkDeclarationList, checkLabelled } from '../early.js';
import { Kind, markDirty } from '../scope.js';
import { noteExported } from './modules.js';
import { markTarget } from './targets.js';
import {
  adopt,
  children,
  closeScope,
  declare,
  declarePattern,
  giveName,
  hasModifier,
  on,
  openScope,
  visitIn,
  walk,
} from './walk.js';

var K = ts.SyntaxKind;
var F = ts.NodeFlags;

// Statements with scopes

on([K.Block, K.CaseBlock], function (node) {
  openScope(node);
  children(node);
  closeScope();
});

on([K.CatchClause], function (node) {
  openScope(node);
  if (node.variableDeclaration) {
    adopt(node.variableDeclaration, node);
    checkCatchVariable(walk.errors, node.variableDeclaration);
    declarePattern(
      node.variableDeclaration.name,
      node.variableDeclaration.name.kind === K.Identifier ? Kind.CATCH : Kind.LET,
      node.variableDeclaration,
    );
  } else {
    walk.analysis.hasBareCatch = true;
    node.amidScope = walk.scope;
    markDirty(node);
  }
  if (enclosingGenerator()) markDirty(node);
  visitIn(node.block, node);
  closeScope();
});

/** A generator's `return()` runs through it as an exception that no catch clause of the script may keep. */
function enclosingGenerator() {
  return walk.owner.isGenerator;
}

function visitLoop(node, body) {
  var saved = walk.loop;
  walk.loop = node;
  checkBody(walk.errors, node.statement, false);
  walk.jumps.push({ label: undefined, isLoop: true });
  openScope(node);
  body();
  closeScope();
  walk.jumps.pop();
  walk.loop = saved;
}

on([K.ForStatement, K.WhileStatement, K.DoStatement], function (node) {
  visitLoop(node, function () {
    children(node);
  });
});

function hasPattern(initializer) {
  if (initializer.kind !== K.VariableDeclarationList) return initializer.kind !== K.Identifier;
  if (initializer.declarations.length === 0) return false;
  return initializer.declarations[0].name.kind !== K.Identifier;
}

on([K.ForInStatement, K.ForOfStatement], function (node) {
  if (node.kind === K.ForOfStatement || hasPattern(node.initializer)) markDirty(node);
  if (node.awaitModifier) {
    walk.errors.checkAwait(node, walk.owner);
    walk.owner.hasAwait = true;
  }
  if (node.initializer.kind !== K.VariableDeclarationList) {
    checkTarget(walk.errors, node.initializer, true, walk.owner.isStrict);
    markTarget(node.initializer);
  }
  visitLoop(node, function () {
    children(node);
  });
});

/** `if (x) function f() {}` means `if (x) { function f() {} }`. */
function inBlock(statement) {
  if (statement === undefined || statement.kind !== K.FunctionDeclaration) return statement;
  return ts.setTextRange(ts.factory.createBlock([statement]), statement);
}

on([K.IfStatement], function (node) {
  checkBody(walk.errors, node.thenStatement, !walk.owner.isStrict);
  checkBody(walk.errors, node.elseStatement, !walk.owner.isStrict);
  node.thenStatement = inBlock(node.thenStatement);
  node.elseStatement = inBlock(node.elseStatement);
  children(node);
});

on([K.SwitchStatement], function (node) {
  walk.jumps.push({ label: undefined, isLoop: false });
  children(node);
  walk.jumps.pop();
});

on([K.LabeledStatement], function (node) {
  var inner = node.statement;
  while (inner.kind === K.LabeledStatement) inner = inner.statement;
  adopt(node.label, node);
  walk.errors.checkLabel(node, walk.jumps);
  checkLabelled(walk.errors, node.statement, walk.owner.isStrict);
  if (inner.kind === K.TryStatement) markDirty(node);
  walk.jumps.push({ label: node.label.escapedText, isLoop: ts.isIterationStatement(inner, false) });
  visitIn(node.statement, node);
  walk.jumps.pop();
});

on([K.BreakStatement, K.ContinueStatement], function (node) {
  adopt(node.label, node);
  walk.errors.checkJump(node, walk.jumps);
});

on([K.WithStatement], function (node) {
  walk.errors.add(node, "'with' statements are not supported");
});

// Declarations

on([K.VariableStatement], function (node) {
  if (hasModifier(node, K.DeclareKeyword)) return;
  noteExported(node);
  children(node);
});

on([K.VariableDeclarationList], function (node) {
  var kind = node.flags & F.Const ? Kind.CONST : node.flags & F.Let ? Kind.LET : Kind.VAR;
  var saved = walk.parent;
  checkDeclarationList(walk.errors, node, saved);
  for (var i = 0; i < node.declarations.length; i++) {
    var declaration = node.declarations[i];
    adopt(declaration, node);
    walk.errors.checkDeclaration(declaration, kind, saved);
    declarePattern(declaration.name, kind, declaration);
    giveName(declaration.initializer, declaration.name);
    visitIn(declaration.initializer, declaration);
  }
});

on([K.EnumDeclaration], function (node) {
  if (hasModifier(node, K.DeclareKeyword)) return;
  noteExported(node);
  adopt(node.name, node);
  declare(node.name, Kind.ENUM, node);
  for (var i = 0; i < node.members.length; i++) {
    adopt(node.members[i], node);
    adopt(node.members[i].name, node.members[i]);
    visitIn(node.members[i].initializer, node.members[i]);
  }
});

on([K.ModuleDeclaration], function (node) {
  if (!hasModifier(node, K.DeclareKeyword))
    walk.errors.add(node, 'TypeScript namespaces are not supported');
});

function skip() {}
on([K.InterfaceDeclaration, K.TypeAliasDeclaration, K.TypeParameter], skip);
for (var type = K.FirstTypeNode; type <= K.LastTypeNode; type++) on([type], skip);
[
  K.AnyKeyword,
  K.StringKeyword,
  K.NumberKeyword,
  K.BooleanKeyword,
  K.VoidKeyword,
  K.UnknownKeyword,
  K.NeverKeyword,
  K.ObjectKeyword,
  K.SymbolKeyword,
  K.UndefinedKeyword,
  K.BigIntKeyword,
].forEach(function (keyword) {
  on([keyword], skip);
});

on(
  [K.AsExpression, K.SatisfiesExpression, K.TypeAssertionExpression, K.NonNullExpression],
  function (node) {
    visitIn(node.expression, node);
  },
);
