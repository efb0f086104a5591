/**
 * The answers TypeScript's transformers expect from its type checker, given from our own analysis: which loops have to
 * become functions because a closure keeps one of their variables, and which declarations that concerns.
 */
import ts from 'typescript';
import { isBlockScoped, Kind, markDirty } from './scope.js';

var K = ts.SyntaxKind;
// NodeCheckFlags of TypeScript 4.9, which its public enumeration does not list.
var LOOP_WITH_CAPTURED_BINDING = 65536;
var PART_WITH_CAPTURED_BINDING = 131072;
var CAPTURED_BINDING = 262144;
var BINDING_IN_LOOP = 524288;
var NEEDS_OUT_PARAMETER = 4194304;
var CLASS_WITH_SELF_REFERENCE = 16777216;
var SELF_REFERENCE_IN_CLASS = 33554432;

function addFlags(node, flags) {
  node.amidFlags |= flags;
}

/** Works out the loop flags of every binding. */
export function flagLoops(analysis) {
  analysis.bindings.forEach(function (binding) {
    var isBlockFunction = binding.kind === Kind.FUNCTION && binding.node.amidInBlock;
    if (isBlockScoped(binding) || isBlockFunction) flagBinding(binding);
    if (binding.node.kind === K.ClassExpression) flagSelfReferences(binding);
  });
  analysis.scopes.forEach(function (scope) {
    var isClass = scope.node.kind === K.ClassDeclaration || scope.node.kind === K.ClassExpression;
    if (isClass && scope.loop !== undefined) flagClassInLoop(scope);
  });
}

/** Private names and static members of a class in a loop are variables that its methods keep. */
function flagClassInLoop(scope) {
  addFlags(scope.node, BINDING_IN_LOOP);
  for (var i = 0; i < scope.node.members.length; i++) {
    var name = scope.node.members[i].name;
    if (name && name.kind === K.PrivateIdentifier) addFlags(scope.loop, LOOP_WITH_CAPTURED_BINDING);
    if (name && name.kind === K.ComputedPropertyName) {
      addFlags(name, BINDING_IN_LOOP);
      addFlags(scope.loop, LOOP_WITH_CAPTURED_BINDING);
    }
  }
}

function flagBinding(binding) {
  var container = binding.scope.node;
  var loop = binding.scope.loop;
  if (container.kind === K.CatchClause) return;
  if (loop !== undefined) addFlags(binding.node, BINDING_IN_LOOP);
  for (var i = 0; i < binding.references.length; i++) {
    var reference = binding.references[i];
    var isCaptured = reference.owner !== binding.scope.owner;
    if (isCaptured) addFlags(binding.node, CAPTURED_BINDING);
    if (loop === undefined) continue;
    if (isCaptured) flagCapture(binding, reference, loop);
    if (
      reference.isWrite &&
      isHeadVariable(binding) &&
      isInside(reference.node, container.statement)
    ) {
      addFlags(binding.node, NEEDS_OUT_PARAMETER);
    }
  }
}

/** Whether it stands in the head of a `for (let …;;)`. */
function isHeadVariable(binding) {
  return binding.scope.node.kind === K.ForStatement;
}

function isInside(node, container) {
  return container !== undefined && node.pos >= container.pos && node.end <= container.end;
}

function flagCapture(binding, reference, loop) {
  var container = binding.scope.node;
  var part;
  if (isHeadVariable(binding)) {
    part = [container.initializer, container.condition, container.incrementor].filter(
      function (candidate) {
        return isInside(reference.node, candidate);
      },
    )[0];
    if (part !== undefined) {
      addFlags(part, PART_WITH_CAPTURED_BINDING);
      if (part === container.initializer) return;
    }
  }
  addFlags(loop, LOOP_WITH_CAPTURED_BINDING);
}

/** Static initializers move out of a class expression, where its own name is not known any more. */
function flagSelfReferences(binding) {
  binding.references.forEach(function (reference) {
    addFlags(binding.node, CLASS_WITH_SELF_REFERENCE);
    addFlags(reference.node, SELF_REFERENCE_IN_CLASS);
    markDirty(reference.node);
  });
}

function flagsOf(node) {
  var parsed = ts.getParseTreeNode(node);
  return (parsed && parsed.amidFlags) || 0;
}

function no() {
  return false;
}

function nothing() {
  return undefined;
}

/** @returns {object} the emit resolver */
export function createResolver(enums) {
  return {
    getNodeCheckFlags: flagsOf,
    // Asked per variable of a loop head; each of them has to be carried over once one is captured.
    isBindingCapturedByNode: function (part) {
      return (flagsOf(part) & PART_WITH_CAPTURED_BINDING) !== 0;
    },
    isArgumentsLocalBinding: function (node) {
      var parsed = ts.getParseTreeNode(node);
      return (
        parsed !== undefined && parsed.amidArguments !== undefined && !parsed.amidCapturedArguments
      );
    },
    getReferencedValueDeclaration: function (node) {
      var parsed = ts.getParseTreeNode(node);
      return parsed && parsed.amidBinding && parsed.amidBinding.node;
    },
    getConstantValue: enums.valueOf,
    getReferencedExportContainer: enums.containerOf,
    // Names are settled before these transformers run.
    isDeclarationWithCollidingName: no,
    getReferencedDeclarationWithCollidingName: nothing,
    getReferencedImportDeclaration: nothing,
    isReferencedAliasDeclaration: no,
    isValueAliasDeclaration: no,
    isTopLevelValueImportEqualsWithEntityName: no,
    hasGlobalName: no,
    isImplementationOfOverload: no,
    isRequiredInitializedParameter: no,
    isOptionalUninitializedParameterProperty: no,
    isOptionalParameter: no,
    moduleExportsSomeValue: no,
  };
}
