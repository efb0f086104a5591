/**
 * The walk over the parse tree: scopes, bindings, references and what is noted on the nodes for the transformers.
 * Errors that the parser leaves to a type checker are looked for on the way (errors.js).
 */
import { children, walk } from './analysis/walk.js';
import './analysis/functions.js';
import './analysis/statements.js';
import './analysis/expressions.js';
import { ModuleInfo } from './analysis/modules.js';
import { Errors } from './errors.js';
import { FunctionInfo, Scope, resolveScope, startNames } from './scope.js';

/**
 * @param {ts.SourceFile} file
 * @returns {{errors: Errors, warnings: object[], bindings: Binding[], globals: Reference[], scopes: Scope[]}}
 */
export function analyse(file) {
  var owner = new FunctionInfo(file, undefined);
  var top = new Scope(file, undefined, owner, undefined);
  var analysis = {
    errors: new Errors(),
    warnings: [],
    bindings: [],
    /** References to names that the script does not declare. */
    globals: [],
    scopes: [],
    /** Binary expressions whose left side may have to be read early; see operands.js. */
    operands: [],
    usesHasInstance: file.identifiers.has('hasInstance'),
    hasBareCatch: false,
    module: new ModuleInfo(),
  };
  startNames(file.identifiers);
  owner.scope = top;
  walk.parent = walk.loop = undefined;
  walk.owner = owner;
  walk.scope = top;
  walk.jumps = [];
  walk.classes = [];
  walk.errors = analysis.errors;
  walk.analysis = analysis;
  children(file);
  analysis.globals = resolveScope(top);
  return analysis;
}
