/**
 * The walk over the parse tree: scopes, bindings, references and what is noted on the nodes for the transformers.
 * Errors that the parser leaves to a type checker are looked for on the way (errors.js).
 */
import ts from 'typescript';
import {
  Scope,
  FunctionInfo,
  Reference,
  Kind,
  declareName,
  resolveScope,
  markDirty,
  startNames,
} from './scope.js';
import { Errors } from './errors.js';
import { noteOperand } from './operands.js';
import { noteWarning } from './warnings.js';
import { checkRegularExpression } from './patterns.js';

var K = ts.SyntaxKind;
var F = ts.NodeFlags;

var HANDLERS = [];
var parent;
var scope;
var owner;
var loop;
/** Labels and breakable statements around the current one, innermost last; starts anew in each function. */
var jumps;
var classes;
var errors;
var analysis;

/**
 * @param {ts.SourceFile} file
 * @returns {{errors: Errors, warnings: object[], bindings: Binding[], globals: Reference[], loops: ts.Node[]}}
 */
export function analyse(file) {
  var top;
  startNames(file.identifiers);
  errors = new Errors();
  analysis = { errors: errors, warnings: [], bindings: [], globals: [], scopes: [], operands: [] };
  analysis.usesHasInstance = file.text.indexOf('hasInstance') >= 0;
  parent = undefined;
  owner = new FunctionInfo(file, undefined);
  loop = undefined;
  jumps = [];
  classes = [];
  scope = top = new Scope(file, undefined, owner, undefined);
  owner.scope = scope;
  children(file);
  analysis.globals = resolveScope(top);
  return analysis;
}

function visit(node) {
  var handler = HANDLERS[node.kind];
  node.parent = parent;
  if (handler === undefined) children(node);
  else handler(node);
}

function children(node) {
  var saved = parent;
  parent = node;
  ts.forEachChild(node, visit);
  parent = saved;
}

function visitIn(node, around) {
  var saved = parent;
  if (node === undefined) return;
  parent = around;
  visit(node);
  parent = saved;
}

function visitAll(nodes, around) {
  if (nodes === undefined) return;
  for (var i = 0; i < nodes.length; i++) visitIn(nodes[i], around);
}

function adopt(node, around) {
  if (node !== undefined) node.parent = around;
}

function hasModifier(node, kind) {
  var modifiers = node.modifiers;
  if (modifiers === undefined) return false;
  for (var i = 0; i < modifiers.length; i++) if (modifiers[i].kind === kind) return true;
  return false;
}

// Scopes

function openScope(node) {
  scope = new Scope(node, scope, owner, loop);
  analysis.scopes.push(scope);
  return scope;
}

function closeScope() {
  var closed = scope;
  resolveScope(closed);
  scope = closed.parent;
}

function declare(identifier, kind, node) {
  var binding = declareName(scope, identifier, kind, node, function (present, at) {
    errors.add(
      at || identifier,
      "Identifier '" + ts.idText(identifier) + "' has already been declared",
    );
  });
  if (binding.isListed === undefined) {
    binding.isListed = true;
    binding.loop = binding.scope.loop;
    analysis.bindings.push(binding);
  }
  return binding;
}

function refer(identifier, isWrite) {
  var reference = new Reference(identifier, scope, isWrite);
  reference.owner = owner;
  identifier.amidReference = reference;
  scope.references.push(reference);
}

// Patterns of declarations

function declarePattern(name, kind, node) {
  if (name.kind === K.Identifier) {
    errors.checkBindingName(name, owner.isStrict, kind);
    declare(name, kind, node);
    name.parent = node;
    return;
  }
  adopt(name, node);
  for (var i = 0; i < name.elements.length; i++) {
    var element = name.elements[i];
    adopt(element, name);
    if (element.kind === K.BindingElement) declareElement(element, kind);
  }
}

function declareElement(element, kind) {
  if (element.propertyName) visitPropertyName(element.propertyName, element);
  declarePattern(element.name, kind, element);
  giveName(element.initializer, element.name);
  visitIn(element.initializer, element);
}

function visitPropertyName(name, around) {
  if (name.kind === K.ComputedPropertyName) visitIn(name, around);
  else adopt(name, around);
}

// Names that functions get from where they stand

function isAnonymousFunction(node) {
  if (node === undefined) return false;
  return (
    node.kind === K.ArrowFunction ||
    ((node.kind === K.FunctionExpression || node.kind === K.ClassExpression) &&
      node.name === undefined)
  );
}

function giveName(value, name) {
  while (value !== undefined && value.kind === K.ParenthesizedExpression) value = value.expression;
  if (!isAnonymousFunction(value)) return;
  if (name.kind === K.Identifier) value.amidName = name.escapedText;
  else if (name.kind === K.StringLiteral || name.kind === K.NumericLiteral)
    value.amidName = name.text;
}

// Functions

function openFunction(node, flags) {
  var info = new FunctionInfo(node, owner);
  var saved = { owner: owner, loop: loop, jumps: jumps };
  info.isArrow = node.kind === K.ArrowFunction;
  info.isAsync = flags.isAsync;
  info.isGenerator = flags.isGenerator;
  node.amidFunction = info;
  owner = info;
  loop = undefined;
  jumps = [];
  info.scope = openScope(node);
  return saved;
}

function closeFunction(saved) {
  closeScope();
  owner = saved.owner;
  loop = saved.loop;
  jumps = saved.jumps;
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

function visitFunction(node) {
  var isAsync = hasModifier(node, K.AsyncKeyword);
  var selfScope = node.kind === K.FunctionExpression && node.name !== undefined;
  var saved;
  if (node.body === undefined || hasModifier(node, K.DeclareKeyword)) return;
  errors.checkModifiers(node);
  if (selfScope) {
    openScope(node);
    declare(node.name, Kind.SELF, node);
  }
  saved = openFunction(node, { isAsync: isAsync, isGenerator: node.asteriskToken !== undefined });
  if (hasUseStrict(node.body)) owner.isStrict = true;
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
  for (var i = 0; i < node.parameters.length; i++) {
    var parameter = node.parameters[i];
    var name = parameter.name;
    adopt(parameter, node);
    errors.checkModifiers(parameter);
    if (name.kind === K.Identifier && name.escapedText === 'this') continue;
    declarePattern(name, Kind.PARAM, parameter);
    giveName(parameter.initializer, name);
    visitIn(parameter.initializer, parameter);
  }
}

function on(kinds, handler) {
  for (var i = 0; i < kinds.length; i++) HANDLERS[kinds[i]] = handler;
}

on([K.FunctionDeclaration], function (node) {
  var isInBlock;
  var binding;
  if (node.body === undefined || hasModifier(node, K.DeclareKeyword)) return;
  isInBlock = scope !== owner.scope;
  adopt(node.name, node);
  errors.checkModuleModifiers(node);
  if (node.name) {
    errors.checkBindingName(node.name, owner.isStrict, Kind.FUNCTION);
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

/** Sloppy mode shows a plain function of a block in the whole function, unless a name in between forbids it. */
function noteBlockFunction(node, binding) {
  var list;
  if (owner.isStrict || node.asteriskToken || hasModifier(node, K.AsyncKeyword)) return;
  for (var at = scope.parent; at !== owner.scope; at = at.parent) {
    var outer = at.names[binding.name];
    if (outer !== undefined && outer.kind !== Kind.CATCH && outer.kind !== Kind.FUNCTION) return;
  }
  list = owner.blockFunctions[binding.name] || (owner.blockFunctions[binding.name] = []);
  if (list.indexOf(binding) < 0) list.push(binding);
}

on([K.FunctionExpression, K.ArrowFunction], function (node) {
  adopt(node.name, node);
  visitFunction(node);
});

on([K.MethodDeclaration, K.Constructor, K.GetAccessor, K.SetAccessor], function (node) {
  var wasStrict = owner.isStrict;
  if (node.name) visitPropertyName(node.name, node);
  errors.checkMember(node);
  visitFunction(node);
  owner.isStrict = wasStrict;
});

// Classes

on([K.ClassDeclaration, K.ClassExpression], function (node) {
  var wasStrict = owner.isStrict;
  if (hasModifier(node, K.DeclareKeyword)) return;
  errors.checkModifiers(node);
  errors.checkModuleModifiers(node);
  owner.isStrict = true;
  adopt(node.name, node);
  if (node.name && node.kind === K.ClassDeclaration) declare(node.name, Kind.CLASS, node);
  openScope(node);
  if (node.name && node.kind === K.ClassExpression) declare(node.name, Kind.SELF, node);
  visitAll(node.heritageClauses, node);
  classes.push(errors.privateNames(node));
  visitAll(node.members, node);
  classes.pop();
  closeScope();
  markDirty(node);
  owner.isStrict = wasStrict;
});

on([K.HeritageClause], function (node) {
  if (node.token === K.ExtendsKeyword) visitAll(node.types, node);
});

on([K.ExpressionWithTypeArguments], function (node) {
  visitIn(node.expression, node);
});

function visitInitializer(node, body) {
  var saved = openFunction(node, { isAsync: false, isGenerator: false });
  owner.isInitializer = true;
  body();
  closeFunction(saved);
}

on([K.PropertyDeclaration], function (node) {
  visitPropertyName(node.name, node);
  errors.checkMember(node);
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
  errors.checkPrivateName(node, classes);
});

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
    declarePattern(
      node.variableDeclaration.name,
      node.variableDeclaration.name.kind === K.Identifier ? Kind.CATCH : Kind.LET,
      node.variableDeclaration,
    );
  } else {
    analysis.hasBareCatch = true;
    node.amidScope = scope;
    markDirty(node);
  }
  if (enclosingGenerator()) markDirty(node);
  visitIn(node.block, node);
  closeScope();
});

/** A generator's `return()` runs through it as an exception that no catch clause of the script may keep. */
function enclosingGenerator() {
  return owner.isGenerator;
}

function visitLoop(node, body) {
  var saved = loop;
  loop = node;
  jumps.push({ label: undefined, isLoop: true });
  openScope(node);
  body();
  closeScope();
  jumps.pop();
  loop = saved;
}

on([K.ForStatement, K.WhileStatement, K.DoStatement], function (node) {
  visitLoop(node, function () {
    children(node);
  });
});

function hasPattern(initializer) {
  if (initializer.kind !== K.VariableDeclarationList) return initializer.kind !== K.Identifier;
  return initializer.declarations[0].name.kind !== K.Identifier;
}

on([K.ForInStatement, K.ForOfStatement], function (node) {
  if (node.kind === K.ForOfStatement || hasPattern(node.initializer)) markDirty(node);
  if (node.awaitModifier) {
    errors.checkAwait(node, owner);
    owner.hasAwait = true;
  }
  if (node.initializer.kind !== K.VariableDeclarationList) markTarget(node.initializer);
  visitLoop(node, function () {
    children(node);
  });
});

on([K.SwitchStatement], function (node) {
  jumps.push({ label: undefined, isLoop: false });
  children(node);
  jumps.pop();
});

on([K.LabeledStatement], function (node) {
  var inner = node.statement;
  while (inner.kind === K.LabeledStatement) inner = inner.statement;
  adopt(node.label, node);
  errors.checkLabel(node, jumps);
  if (inner.kind === K.TryStatement) markDirty(node);
  jumps.push({ label: node.label.escapedText, isLoop: ts.isIterationStatement(inner, false) });
  visitIn(node.statement, node);
  jumps.pop();
});

on([K.BreakStatement, K.ContinueStatement], function (node) {
  adopt(node.label, node);
  errors.checkJump(node, jumps);
});

on([K.WithStatement], function (node) {
  errors.add(node, "'with' statements are not supported");
});

// Declarations

on([K.VariableStatement], function (node) {
  if (hasModifier(node, K.DeclareKeyword)) return;
  errors.checkModuleModifiers(node);
  children(node);
});

on([K.VariableDeclarationList], function (node) {
  var kind = node.flags & F.Const ? Kind.CONST : node.flags & F.Let ? Kind.LET : Kind.VAR;
  var saved = parent;
  for (var i = 0; i < node.declarations.length; i++) {
    var declaration = node.declarations[i];
    adopt(declaration, node);
    errors.checkDeclaration(declaration, kind, saved);
    declarePattern(declaration.name, kind, declaration);
    giveName(declaration.initializer, declaration.name);
    visitIn(declaration.initializer, declaration);
  }
});

on([K.EnumDeclaration], function (node) {
  if (hasModifier(node, K.DeclareKeyword)) return;
  errors.checkModuleModifiers(node);
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
    errors.add(node, 'TypeScript namespaces are not supported');
});

on(
  [
    K.ImportDeclaration,
    K.ImportEqualsDeclaration,
    K.ExportDeclaration,
    K.ExportAssignment,
    K.NamespaceExportDeclaration,
  ],
  function (node) {
    errors.addModuleSyntax(node);
  },
);

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

// Expressions

on([K.Identifier], function (node) {
  refer(node, node.amidIsTarget === true);
});

on([K.PropertyAccessExpression], function (node) {
  visitIn(node.expression, node);
  if (node.name.kind === K.PrivateIdentifier) visitIn(node.name, node);
  else adopt(node.name, node);
  noteWarning(analysis, node);
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

on([K.ShorthandPropertyAssignment], function (node) {
  node.name.parent = node;
  refer(node.name, node.name.amidIsTarget === true);
  visitIn(node.objectAssignmentInitializer, node);
});

on([K.MetaProperty], function (node) {
  errors.checkMetaProperty(node, owner);
});

on([K.BinaryExpression], function (node) {
  var operator = node.operatorToken.kind;
  if (operator >= K.FirstAssignment && operator <= K.LastAssignment) {
    errors.checkTarget(node.left, operator === K.EqualsToken);
    markTarget(node.left);
    if (node.left.kind === K.Identifier) giveName(node.right, node.left);
  } else {
    noteOperand(analysis, node);
  }
  children(node);
});

/** Notes on identifiers of an assignment's left side that they are written. */
function markTarget(node) {
  var i;
  switch (node.kind) {
    case K.Identifier:
      node.amidIsTarget = true;
      break;
    case K.ParenthesizedExpression:
    case K.NonNullExpression:
    case K.AsExpression:
    case K.SpreadElement:
      markTarget(node.expression);
      break;
    case K.ArrayLiteralExpression:
      for (i = 0; i < node.elements.length; i++) markTarget(node.elements[i]);
      break;
    case K.ObjectLiteralExpression:
      node.amidIsPattern = true;
      for (i = 0; i < node.properties.length; i++) markPropertyTarget(node.properties[i]);
      break;
    case K.BinaryExpression:
      markTarget(node.left);
      break;
  }
}

function markPropertyTarget(property) {
  if (property.kind === K.ShorthandPropertyAssignment) property.name.amidIsTarget = true;
  else if (property.kind === K.PropertyAssignment) markTarget(property.initializer);
  else if (property.kind === K.SpreadAssignment) markTarget(property.expression);
}

on([K.PrefixUnaryExpression, K.PostfixUnaryExpression], function (node) {
  if (node.operator === K.PlusPlusToken || node.operator === K.MinusMinusToken) {
    errors.checkTarget(node.operand, false);
    markTarget(node.operand);
  }
  children(node);
});

on([K.DeleteExpression], function (node) {
  errors.checkDelete(node, owner.isStrict);
  children(node);
});

on([K.AwaitExpression], function (node) {
  errors.checkAwait(node, owner);
  owner.hasAwait = true;
  markDirty(node);
  children(node);
});

on([K.YieldExpression], function (node) {
  errors.checkYield(node, owner);
  markDirty(node);
  children(node);
});

on([K.ReturnStatement], function (node) {
  if (owner.isAsync && owner.isGenerator) markDirty(node);
  children(node);
});

on([K.TaggedTemplateExpression], function (node) {
  markDirty(node);
  visitIn(node.tag, node);
  visitIn(node.template, node);
});

on([K.CallExpression, K.NewExpression], function (node) {
  errors.checkCall(node, owner);
  visitIn(node.expression, node);
  visitAll(node.arguments, node);
  noteWarning(analysis, node);
});

on([K.SuperKeyword], function (node) {
  errors.checkSuper(node, owner);
  noteHome();
  markDirty(node);
});

/** `super` in a method of an object literal needs a name for that object. */
function noteHome() {
  var home = owner;
  while (home.isArrow) home = home.parent;
  if (home.node.parent && home.node.parent.kind === K.ObjectLiteralExpression)
    home.node.parent.amidNeedsHome = true;
}

on([K.RegularExpressionLiteral], function (node) {
  if (checkRegularExpression(node, errors)) markDirty(node);
});

on([K.BigIntLiteral], function (node) {
  errors.add(
    node,
    'BigInt literals are not supported; use a number, or a string for long identifiers',
  );
});

on([K.Decorator], function (node) {
  errors.add(node, 'Decorators are not supported');
});

on([K.JsxElement, K.JsxSelfClosingElement, K.JsxFragment], function (node) {
  errors.add(node, 'JSX is not supported');
});

export { hasModifier };
