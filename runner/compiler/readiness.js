/**
 * Uses of `let`, `const` and class names before their declaration has run, and assignments to constants. What is
 * certain is turned into a throw; where a closure may run too early, a check is put; ordinary code gets nothing.
 */
import ts from 'typescript';
import { Kind, isBlockScoped, markDirty, uniqueName } from './scope.js';

var K = ts.SyntaxKind;
var NEVER = Infinity;

/** What a use of a name becomes; found at `identifier.amidUse`. */
export var Use = { BEFORE_DECLARATION: 1, OF_CONSTANT: 2, TO_CHECK: 3, TO_COPY: 4 };

export function findEarlyUses(analysis) {
  analysis.bindings.forEach(function (binding) {
    if (isBlockScoped(binding)) judgeBinding(binding);
    else if (binding.kind === Kind.PARAM) judgeParameter(binding);
    else if (binding.node.kind === K.ClassExpression) binding.references.forEach(judgeOwnName);
  });
}

function note(reference, use) {
  reference.node.amidUse = use;
  markDirty(reference.node);
}

function judgeBinding(binding) {
  var isChecked = false;
  for (var i = 0; i < binding.references.length; i++) {
    var reference = binding.references[i];
    if (isCertainlyEarly(binding, reference)) {
      note(reference, Use.BEFORE_DECLARATION);
    } else if (reference.isWrite) {
      if (binding.kind === Kind.CONST || isInOwnClass(binding, reference))
        note(reference, Use.OF_CONSTANT);
    } else if (isPossiblyEarly(binding, reference)) {
      note(reference, Use.TO_CHECK);
      isChecked = true;
    }
  }
  if (isChecked) addReadyFlag(binding);
}

/** Inside its own body the name of a class is a constant. */
function isInOwnClass(binding, reference) {
  return binding.kind === Kind.CLASS && isInside(reference.node, binding.node);
}

function judgeOwnName(reference) {
  if (reference.isWrite) note(reference, Use.OF_CONSTANT);
}

function judgeParameter(binding) {
  var parameter = binding.node;
  while (parameter.kind !== K.Parameter) parameter = parameter.parent;
  for (var i = 0; i < binding.references.length; i++) {
    var reference = binding.references[i];
    var isInList = reference.node.end <= lastParameterEnd(parameter.parent);
    if (
      isInList &&
      reference.owner === binding.scope.owner &&
      reference.node.pos < readyAt(binding, reference)
    ) {
      note(reference, Use.BEFORE_DECLARATION);
    }
  }
}

function lastParameterEnd(node) {
  return node.parameters[node.parameters.length - 1].end;
}

/** The place in the text after which the binding has its value, as seen from a reference. */
function readyAt(binding, reference) {
  var node = binding.node;
  var declaration = node;
  if (node.kind === K.ClassDeclaration) return readyAtInClass(node, reference);
  while (declaration.kind === K.BindingElement) declaration = declaration.parent.parent;
  if (isInside(reference.node, declaration.initializer)) return declaration.end;
  if (isLoopHead(declaration) && isInside(reference.node, declaration.parent.parent.expression))
    return NEVER;
  return node.end;
}

function isLoopHead(declaration) {
  var statement = declaration.parent && declaration.parent.parent;
  return (
    statement !== undefined &&
    (statement.kind === K.ForOfStatement || statement.kind === K.ForInStatement)
  );
}

/** Inside its body a class is known by its own name, which is ready before any of its code runs. */
function readyAtInClass(node, reference) {
  var heritage = node.heritageClauses;
  if (!isInside(reference.node, node)) return node.end;
  if (heritage !== undefined && isInside(reference.node, heritage[0])) return node.end;
  for (var at = reference.node; at !== node; at = at.parent) {
    if (at.kind === K.ComputedPropertyName && at.parent.parent === node) return node.end;
  }
  return -1;
}

function isInside(node, container) {
  return container !== undefined && node.pos >= container.pos && node.end <= container.end;
}

function isCertainlyEarly(binding, reference) {
  return (
    reference.owner === binding.scope.owner && reference.node.pos < readyAt(binding, reference)
  );
}

function isPossiblyEarly(binding, reference) {
  var ready;
  if (reference.owner === binding.scope.owner) {
    return (
      binding.scope.node.kind === K.CaseBlock &&
      clauseOf(reference.node, binding) !== clauseOf(binding.node, binding)
    );
  }
  ready = readyAt(binding, reference);
  if (ready < 0) return false;
  return (
    earliestRun(outermostFunction(reference.owner, binding.scope.owner), binding.scope.owner) <
    ready
  );
}

function clauseOf(node, binding) {
  while (node.parent !== binding.scope.node) node = node.parent;
  return node;
}

/** The function around the reference that stands directly in the binding's function. */
function outermostFunction(owner, home) {
  while (owner.parent !== home) owner = owner.parent;
  return owner;
}

/** The first place in the text of `home` from which a function inside it can be called. */
function earliestRun(info, home) {
  var node = info.node;
  var holder;
  if (info.earliest !== undefined) return info.earliest;
  info.earliest = NEVER;
  if (node.kind === K.FunctionDeclaration) {
    info.earliest = earliestUse(node.name.amidBinding, home);
  } else {
    holder = holderOf(info);
    info.earliest = holder === undefined ? node.pos : Math.max(node.pos, earliestUse(holder, home));
  }
  return info.earliest;
}

/** The binding through which alone a function can be reached, or undefined. */
function holderOf(info) {
  var node = info.node;
  var around = node.parent;
  if (info.isInitializer) return undefined;
  if (around.kind === K.ClassDeclaration) return around.name && around.name.amidBinding;
  while (
    around.kind === K.PropertyAssignment ||
    around.kind === K.ObjectLiteralExpression ||
    around.kind === K.ArrayLiteralExpression ||
    around.kind === K.ParenthesizedExpression
  ) {
    around = around.parent;
  }
  if (around.kind !== K.VariableDeclaration || around.name.kind !== K.Identifier) return undefined;
  return around.name.amidBinding;
}

function earliestUse(binding, home) {
  var earliest = NEVER;
  if (binding === undefined) return 0;
  for (var i = 0; i < binding.references.length; i++) {
    var reference = binding.references[i];
    var place;
    if (reference.owner === home) place = reference.node.pos;
    else if (isWithin(reference.owner, home))
      place = earliestRun(outermostFunction(reference.owner, home), home);
    else place = 0;
    if (place < earliest) earliest = place;
  }
  return earliest;
}

function isWithin(owner, home) {
  while (owner !== undefined && owner !== home) owner = owner.parent;
  return owner === home;
}

/** A value that is never undefined shows by itself whether it is there. */
function isNeverUndefined(node) {
  switch (node && node.kind) {
    case K.ArrowFunction:
    case K.FunctionExpression:
    case K.ClassExpression:
    case K.ObjectLiteralExpression:
    case K.ArrayLiteralExpression:
    case K.NewExpression:
    case K.NumericLiteral:
    case K.StringLiteral:
    case K.TemplateExpression:
    case K.NoSubstitutionTemplateLiteral:
    case K.TrueKeyword:
    case K.FalseKeyword:
    case K.NullKeyword:
    case K.RegularExpressionLiteral:
      return true;
    default:
      return false;
  }
}

function addReadyFlag(binding) {
  var node = binding.node;
  var list;
  if (node.kind === K.ClassDeclaration || isLoopHead(node)) return;
  if (
    node.kind === K.VariableDeclaration &&
    !binding.isAssigned &&
    isNeverUndefined(node.initializer)
  )
    return;
  while (node.kind === K.BindingElement) node = node.parent.parent;
  list = node.parent;
  if (list.kind !== K.VariableDeclarationList) return;
  binding.readyFlag = uniqueName(ts.unescapeLeadingUnderscores(binding.name) + '_ready');
  node.amidReadyFlags = (node.amidReadyFlags || []).concat([binding.readyFlag]);
  markDirty(node);
}
