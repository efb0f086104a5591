/**
 * From what analysis/modules.js noted to code. Imports become variables at the top of the function around the text,
 * each use of an imported name a property of them, so that bindings are live; exports become getters, made before
 * anything else runs, so that modules which import each other find them:
 *
 *   import { a as b } from 'm'; b();      var module_1 = __import('m', ['a']); (0, module_1.a)();
 *   export let x = 1;                     __import.exports(__exports, {x: function () { return x; }}); let x = 1;
 */
import ts from 'typescript';
import { Kind, markDirty, uniqueName } from './scope.js';
import { Use } from './readiness.js';
import { bodyStart, COMMONJS, kind as textKind, MODULE, WORKER } from './wrapper.js';
import {
  call,
  callMember,
  declaration,
  factory,
  identifier,
  member,
  statement,
  text,
  variables,
} from './transform/nodes.js';

var K = ts.SyntaxKind;
var NAME = /^(@[^/]+\/[^/]+|[^@/][^/]*)(?=\/|$)/;

/** The package that a specifier names, undefined for a path, a URL and the like. */
function packageOf(specifier) {
  var parts = /^[./]|^[a-z]+:|\\/i.test(specifier) ? null : NAME.exec(specifier);
  return parts === null ? undefined : parts[1];
}

function isReal(callee) {
  var binding = callee.amidBinding;
  if (textKind === WORKER) return binding === undefined;
  return (
    textKind === COMMONJS &&
    binding !== undefined &&
    binding.kind === Kind.PARAM &&
    binding.node.pos < bodyStart()
  );
}

function isText(node) {
  return (
    node !== undefined &&
    (node.kind === K.StringLiteral || node.kind === K.NoSubstitutionTemplateLiteral)
  );
}

/** The owner's script may name only what its record lists. */
function checkListed(analysis, node, dependencies) {
  var name = packageOf(node.text);
  if (textKind !== WORKER) return;
  if (name === undefined)
    analysis.errors.add(
      node,
      "'" + node.text + "' is no package; a script imports packages by name, and nothing else",
    );
  else if (dependencies.indexOf(name) < 0)
    analysis.errors.add(node, "'" + name + "' is not among the worker's dependencies");
}

/**
 * Checks what the text asks for, once names are resolved.
 * @returns {string[]} what it needs: 'i' or 'r' (as import or require look it up) and the specifier; '*' stands for one
 *   that only running it will tell
 */
export function findNeeds(analysis, dependencies) {
  var info = analysis.module;
  var needs = [];
  function add(need) {
    if (needs.indexOf(need) < 0) needs.push(need);
  }
  info.imports.forEach(function (record) {
    checkListed(analysis, record.specifier, dependencies);
    add('i' + record.specifier.text);
  });
  info.requires.forEach(function (entry) {
    var letter = entry.callee === undefined ? 'i' : 'r';
    if (entry.callee !== undefined && !isReal(entry.callee)) return;
    if (!isText(entry.argument)) {
      add(letter + '*');
      return;
    }
    checkListed(analysis, entry.argument, dependencies);
    add(letter + entry.argument.text);
  });
  info.exports.forEach(function (entry) {
    if (entry.reference && entry.reference.amidBinding === undefined)
      analysis.errors.add(
        entry.reference,
        "Export '" + ts.idText(entry.reference) + "' is not defined in the module",
      );
  });
  return needs;
}

function property(record, name) {
  return name === '*' ? identifier(record.variable) : member(record.variable, name);
}

function getter(value) {
  return factory.createFunctionExpression(
    undefined,
    undefined,
    undefined,
    undefined,
    [],
    undefined,
    factory.createBlock([factory.createReturnStatement(value)]),
  );
}

function exportedValue(entry) {
  var binding;
  if (entry.from) return property(entry.from, entry.imported);
  if (entry.assignment) return identifier(entry.variable);
  binding = (entry.local || entry.reference).amidBinding;
  if (binding.imported) return property(binding.imported.record, binding.imported.name);
  return identifier(binding.newName || ts.unescapeLeadingUnderscores(binding.name));
}

function exportsStatement(list) {
  return statement(
    callMember('__import', 'exports', [
      identifier('__exports'),
      factory.createObjectLiteralExpression(
        list.map(function (entry) {
          return factory.createPropertyAssignment(text(entry.name), getter(exportedValue(entry)));
        }),
      ),
    ]),
  );
}

function variable(name, value) {
  return factory.createVariableStatement(
    undefined,
    variables([declaration(name, value)], ts.NodeFlags.None),
  );
}

function importStatement(record) {
  var names = factory.createArrayLiteralExpression(record.names.map(text));
  return variable(record.variable, call('__import', [text(record.specifier.text), names]));
}

/** `export default value` → `var default_1 = value`, with the value's own notes left on it. */
function defaultStatement(entry) {
  var node = entry.assignment;
  var made = variable(entry.variable, node.expression);
  var list = made.declarationList;
  ts.setTextRange(made, node);
  if (!node.expression.amidDirty) return made;
  made.amidDirty = list.amidDirty = list.declarations[0].amidDirty = true;
  list.parent = made;
  list.declarations[0].parent = list;
  node.expression.parent = list.declarations[0];
  return made;
}

function bodyOf(node) {
  if (node.kind === K.Block && node.pos === bodyStart()) return node;
  return node.pos > bodyStart() ? undefined : ts.forEachChild(node, bodyOf);
}

function afterDirectives(statements) {
  var i = 0;
  while (
    i < statements.length &&
    statements[i].kind === K.ExpressionStatement &&
    statements[i].expression.kind === K.StringLiteral
  ) {
    i++;
  }
  return i;
}

function rewriteStatements(body, info) {
  var statements = body.statements;
  var head = [];
  for (var i = statements.length - 1; i >= 0; i--) {
    if (info.statements.indexOf(statements[i]) < 0) continue;
    if (statements[i].kind === K.ExportAssignment)
      statements[i] = defaultStatement(entryOf(info, statements[i]));
    else statements.splice(i, 1);
  }
  if (textKind === MODULE) head.push(exportsStatement(info.exports));
  info.imports.forEach(function (record) {
    head.push(importStatement(record));
  });
  info.stars.forEach(function (star) {
    head.push(
      statement(
        callMember('__import', 'all', [identifier('__exports'), identifier(star.from.variable)]),
      ),
    );
  });
  statements.splice.apply(statements, [afterDirectives(statements), 0].concat(head));
}

function entryOf(info, node) {
  for (var i = 0; i < info.exports.length; i++)
    if (info.exports[i].assignment === node) return info.exports[i];
  return undefined;
}

/** Marks the uses of imported names and of `require`, which transform/names.js and transform/calls.js rewrite. */
function markUses(analysis) {
  analysis.bindings.forEach(function (binding) {
    if (binding.kind !== Kind.IMPORT) return;
    binding.references.forEach(function (reference) {
      if (reference.isWrite) reference.node.amidUse = Use.OF_CONSTANT;
      markDirty(reference.node);
    });
  });
  analysis.module.requires.forEach(function (entry) {
    if (entry.callee === undefined) markDirty(entry.node);
  });
  if (textKind !== WORKER) return;
  analysis.globals.forEach(function (reference) {
    if (reference.node.escapedText !== 'require') return;
    reference.node.amidRequire = true;
    markDirty(reference.node);
  });
}

/** Turns declarations into statements of the tree. Not before the text was minified: the tree is no more what it says. */
export function arrangeModule(file, analysis) {
  var info = analysis.module;
  info.imports.forEach(function (record) {
    record.variable = uniqueName('module');
  });
  info.exports.forEach(function (entry) {
    if (entry.assignment) entry.variable = uniqueName('default');
  });
  markUses(analysis);
  if (info.statements.length > 0 || textKind === MODULE) rewriteStatements(bodyOf(file), info);
}
