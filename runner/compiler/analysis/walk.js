/**
 * The machinery of the walk over the parse tree: who is visited how, where the walk is, and what it declares and refers
 * to on the way. The other modules of this folder register handlers for kinds of nodes.
 */
import ts from 'typescript';
import { checkBindingPattern, checkComputedName, checkYieldName } from '../early.js';
import { Reference, Scope, declareName, resolveScope } from '../scope.js';

var K = ts.SyntaxKind;

var HANDLERS = [];

/** Where the walk is. */
export var walk = {
  /** The node whose children are being visited. */
  parent: undefined,
  scope: undefined,
  /** FunctionInfo of the function around. */
  owner: undefined,
  /** The innermost loop of that function. */
  loop: undefined,
  /** Labels and breakable statements around, innermost last; starts anew in each function. */
  jumps: [],
  /** The private names of each class around. */
  classes: [],
  errors: undefined,
  /** What the walk returns. */
  analysis: undefined,
};

export function on(kinds, handler) {
  for (var i = 0; i < kinds.length; i++) HANDLERS[kinds[i]] = handler;
}

export function visit(node) {
  var handler = HANDLERS[node.kind];
  node.parent = walk.parent;
  if (handler === undefined) children(node);
  else handler(node);
}

export function children(node) {
  var saved = walk.parent;
  walk.parent = node;
  ts.forEachChild(node, visit);
  walk.parent = saved;
}

export function visitIn(node, around) {
  var saved = walk.parent;
  if (node === undefined) return;
  walk.parent = around;
  visit(node);
  walk.parent = saved;
}

export function visitAll(nodes, around) {
  if (nodes === undefined) return;
  for (var i = 0; i < nodes.length; i++) visitIn(nodes[i], around);
}

export function adopt(node, around) {
  if (node !== undefined) node.parent = around;
}

export function hasModifier(node, kind) {
  var modifiers = node.modifiers;
  if (modifiers === undefined) return false;
  for (var i = 0; i < modifiers.length; i++) if (modifiers[i].kind === kind) return true;
  return false;
}

// Scopes

export function openScope(node) {
  walk.scope = new Scope(node, walk.scope, walk.owner, walk.loop);
  walk.analysis.scopes.push(walk.scope);
  return walk.scope;
}

export function closeScope() {
  var closed = walk.scope;
  resolveScope(closed);
  walk.scope = closed.parent;
}

export function declare(identifier, kind, node) {
  var binding = declareName(walk.scope, identifier, kind, node, function (present, at) {
    walk.errors.add(
      at || identifier,
      "Identifier '" + ts.idText(identifier) + "' has already been declared",
    );
  });
  if (binding.isListed === undefined) {
    binding.isListed = true;
    binding.loop = binding.scope.loop;
    walk.analysis.bindings.push(binding);
  }
  return binding;
}

export function refer(identifier, isWrite) {
  var reference = new Reference(identifier, walk.scope, isWrite);
  reference.owner = walk.owner;
  identifier.amidReference = reference;
  walk.scope.references.push(reference);
}

// Patterns of declarations

export function declarePattern(name, kind, node) {
  if (name.kind === K.Identifier) {
    walk.errors.checkBindingName(name, walk.owner.isStrict, kind);
    checkYieldName(walk.errors, name, walk.owner);
    declare(name, kind, node);
    name.parent = node;
    return;
  }
  adopt(name, node);
  checkBindingPattern(walk.errors, name);
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

export function visitPropertyName(name, around) {
  if (name.kind === K.ComputedPropertyName) {
    checkComputedName(walk.errors, name);
    visitIn(name, around);
  } else adopt(name, around);
}

// Names that functions get from where they stand

export function isAnonymousFunction(node) {
  if (node === undefined) return false;
  return (
    node.kind === K.ArrowFunction ||
    ((node.kind === K.FunctionExpression || node.kind === K.ClassExpression) &&
      node.name === undefined)
  );
}

export function giveName(value, name) {
  while (value !== undefined && value.kind === K.ParenthesizedExpression) value = value.expression;
  if (!isAnonymousFunction(value)) return;
  if (name.kind === K.Identifier) value.amidName = name.escapedText;
  else if (name.kind === K.StringLiteral || name.kind === K.NumericLiteral)
    value.amidName = name.text;
}
