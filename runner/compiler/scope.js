/**
 * Scopes and bindings: which declaration every name of the owner's script means. One walk over the parse tree records
 * it on the nodes (`amidBinding`, `amidFunction`, …), sets parents and marks what a transformer has to touch
 * (`amidDirty`). It takes the place of TypeScript's binder and type checker, which cost most of the time.
 */
import ts from 'typescript';

export var Kind = {
  VAR: 1,
  LET: 2,
  CONST: 3,
  CLASS: 4,
  FUNCTION: 5,
  PARAM: 6,
  CATCH: 7,
  SELF: 8,
  ENUM: 9,
  IMPORT: 10,
};

/** A place where names live: a function, a block, a loop head, a catch clause. */
export function Scope(node, parent, owner, loop) {
  this.node = node;
  this.parent = parent;
  /** The function it belongs to; a function's own scope is owner.scope. */
  this.owner = owner;
  /** The innermost loop of that function that contains it, if any. */
  this.loop = loop;
  this.names = Object.create(null);
  /** Names of `var` declarations inside it that belong to the function around. */
  this.passingVars = Object.create(null);
  this.references = [];
}

/** What the transformers want to know about one function (or class field initializer, which runs like one). */
export function FunctionInfo(node, parent) {
  this.node = node;
  this.parent = parent;
  this.scope = undefined;
  this.isArrow = false;
  this.isAsync = false;
  this.isGenerator = false;
  this.isStrict = parent ? parent.isStrict : false;
  /** Arrows, methods and lists with defaults or patterns cannot repeat a parameter's name. */
  this.hasUniqueParameters = false;
  /** Class bodies: initializers that run when the class is defined or an instance is made. */
  this.isInitializer = false;
  this.hasAwait = false;
  /** During the walk: its parameters are being visited. */
  this.isInParameters = false;
  /** `arguments` of this function is read inside an arrow function or a coroutine. */
  this.capturesArguments = false;
  /** Names of its own, in whatever block: name → how many. */
  this.declared = Object.create(null);
  this.blockBindings = [];
  this.blockFunctions = Object.create(null);
  /** References from inside to the name that the function would get from its place in the text. */
  this.selfReferences = [];
}

/** @param {ts.Node} node declaration whose `name` is the identifier */
export function Binding(name, kind, node, scope) {
  this.name = name;
  this.kind = kind;
  this.node = node;
  this.scope = scope;
  this.references = [];
  this.isAssigned = false;
  /** Its name in the output where that differs. */
  this.newName = undefined;
  /** A function in a block that is also visible in the function around, as sloppy mode has it. */
  this.isVisibleOutside = false;
  /** What an import declaration's name stands for: {record, name}; see modules.js. */
  this.imported = undefined;
  /** Name of the variable that tells whether it has got its value, where that has to be asked. */
  this.readyFlag = undefined;
}

export function Reference(node, scope, isWrite) {
  this.node = node;
  this.scope = scope;
  this.isWrite = isWrite;
}

/** @returns {boolean} whether the binding lives in a block and not in a whole function */
export function isBlockScoped(binding) {
  return binding.kind === Kind.LET || binding.kind === Kind.CONST || binding.kind === Kind.CLASS;
}

export function markDirty(node) {
  while (node && !node.amidDirty) {
    node.amidDirty = true;
    node = node.parent;
  }
}

/** Declares a name and returns its binding; `clash` is called with the earlier one where the two exclude each other. */
export function declareName(scope, identifier, kind, node, clash) {
  var name = identifier.escapedText;
  var target = kind === Kind.VAR ? scope.owner.scope : scope;
  var present = target.names[name];
  var binding;
  if (kind === Kind.VAR) checkVarAgainstBlocks(scope, name, clash);
  else if (scope.passingVars[name] || (kind !== Kind.SELF && isCatchName(scope, name)))
    clash(undefined, identifier);
  if (present !== undefined && present.scope === target) {
    if (excludes(present, kind, target, node)) clash(present, identifier);
    if (kind === Kind.VAR || kind === Kind.FUNCTION) {
      identifier.amidBinding = present;
      if (kind === Kind.FUNCTION && present.kind !== Kind.PARAM) present.node = node;
      else present.isAssigned = true;
      return present;
    }
  }
  binding = new Binding(name, kind, node, target);
  target.names[name] = binding;
  identifier.amidBinding = binding;
  // A function's or class's own inner name stays inside it, in ES5 as well.
  if (kind !== Kind.SELF) {
    scope.owner.declared[name] = (scope.owner.declared[name] || 0) + 1;
    if (target !== scope.owner.scope) scope.owner.blockBindings.push(binding);
  }
  return binding;
}

function isPlainFunction(node) {
  return (
    node.kind === ts.SyntaxKind.FunctionDeclaration &&
    node.asteriskToken === undefined &&
    (node.modifiers || []).length === 0
  );
}

function isLexical(kind) {
  return kind === Kind.LET || kind === Kind.CONST || kind === Kind.CLASS || kind === Kind.IMPORT;
}

function excludes(present, kind, scope, node) {
  if (present.kind === Kind.SELF) return false;
  if (isLexical(present.kind) || isLexical(kind)) return true;
  if (kind === Kind.PARAM) return scope.owner.isStrict || scope.owner.hasUniqueParameters;
  if (kind === Kind.FUNCTION && scope !== scope.owner.scope)
    return scope.owner.isStrict || !isPlainFunction(node) || !isPlainFunction(present.node);
  return false;
}

/** A `var` excludes lexical names of every block that it rises through, whichever comes first. */
function checkVarAgainstBlocks(scope, name, clash) {
  for (var at = scope; at !== scope.owner.scope; at = at.parent) {
    var present = at.names[name];
    if (present !== undefined && present.kind !== Kind.CATCH) clash(present);
    at.passingVars[name] = true;
  }
}

/** The names of a catch clause and those of its block exclude each other. */
function isCatchName(scope, name) {
  var around = scope.parent;
  return (
    scope.node.kind === ts.SyntaxKind.Block &&
    around !== undefined &&
    around.node.kind === ts.SyntaxKind.CatchClause &&
    around.names[name] !== undefined
  );
}

/**
 * Ends a scope: its own names take their references, the others move up.
 * @returns {Reference[]} what is left, where there is no parent
 */
export function resolveScope(scope) {
  var references = scope.references;
  var parent = scope.parent;
  var isFunction = scope.owner.scope === scope;
  var rest = parent ? parent.references : [];
  var hidden = [];
  for (var i = 0; i < references.length; i++) {
    var reference = references[i];
    var name = reference.node.escapedText;
    var binding = scope.names[name];
    if (binding === undefined && isFunction) binding = visibleBlockFunction(scope.owner, name);
    if (binding !== undefined && isFunction && isHiddenFromParameters(binding, reference)) {
      if (hidden.indexOf(binding) < 0) hidden.push(binding);
      binding = undefined;
    }
    if (binding !== undefined) {
      bind(reference, binding);
    } else if (isFunction && name === 'arguments' && isOwnArguments(scope.owner)) {
      bindArguments(reference, scope.owner);
    } else {
      if (isFunction && name === scope.owner.node.amidName)
        scope.owner.selfReferences.push(reference);
      rest.push(reference);
    }
  }
  if (isFunction) renameBlockBindings(scope.owner, references);
  hidden.forEach(rename);
  scope.references = undefined;
  return rest;
}

/** What the body of a function declares is not seen by the defaults of its parameters; in ES5 both share one scope. */
function isHiddenFromParameters(binding, reference) {
  var parameters = binding.scope.owner.node.parameters;
  if (parameters === undefined || reference.node.pos >= parameters.end) return false;
  return isLexical(binding.kind) || binding.kind === Kind.FUNCTION;
}

function bind(reference, binding) {
  reference.node.amidBinding = binding;
  binding.references.push(reference);
  if (reference.isWrite) binding.isAssigned = true;
}

function isOwnArguments(owner) {
  return !owner.isArrow && !owner.isInitializer;
}

function bindArguments(reference, owner) {
  var isCaptured = reference.scope.owner !== owner || owner.isAsync || owner.isGenerator;
  reference.node.amidArguments = owner;
  if (!isCaptured) return;
  reference.node.amidCapturedArguments = true;
  owner.capturesArguments = true;
  markDirty(reference.node);
  markDirty(owner.node);
}

function visibleBlockFunction(owner, name) {
  var candidates = owner.blockFunctions[name];
  if (candidates === undefined) return undefined;
  for (var i = 0; i < candidates.length; i++) candidates[i].isVisibleOutside = true;
  return candidates[0];
}

/** Blocks disappear in ES5, so a name that another declaration or an outer variable also has gets a new one. */
function renameBlockBindings(owner, references) {
  var bindings = owner.blockBindings;
  var free;
  var i;
  if (bindings.length === 0) return;
  free = Object.create(null);
  for (i = 0; i < references.length; i++) {
    if (references[i].node.amidBinding === undefined) free[references[i].node.escapedText] = true;
  }
  for (i = 0; i < bindings.length; i++) {
    var binding = bindings[i];
    if (binding.isVisibleOutside || binding.kind === Kind.CATCH) continue;
    if (owner.declared[binding.name] > 1 || free[binding.name]) {
      owner.declared[binding.name]--;
      rename(binding);
    }
  }
}

function rename(binding) {
  binding.newName = uniqueName(ts.unescapeLeadingUnderscores(binding.name));
  markDirty(binding.node);
  if (binding.node.name) markDirty(binding.node.name);
  for (var i = 0; i < binding.references.length; i++) markDirty(binding.references[i].node);
}

var takenNames;

/** Starts a file: `taken` has every identifier of its text. */
export function startNames(taken) {
  takenNames = taken;
}

/** @returns {string} a name that neither the script nor anything generated has */
export function uniqueName(base) {
  var number = 1;
  while (takenNames.has(base + '_' + number)) number++;
  takenNames.set(base + '_' + number, base + '_' + number);
  return base + '_' + number;
}
