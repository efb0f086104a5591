/**
 * `import`, `export`, `import()` and `require()`: what a text takes from other modules and gives to them. The walk only
 * notes it on `analysis.module`; ../modules.js makes code of it.
 */
import ts from 'typescript';
import { Kind } from '../scope.js';
import { bodyStart, COMMONJS, kind as textKind, MODULE } from '../wrapper.js';
import { adopt, children, declare, hasModifier, on, visitIn, walk } from './walk.js';

var K = ts.SyntaxKind;

/** What is known of a text's modules; see modules.js for how it is used. */
export function ModuleInfo() {
  /** {specifier, names, variable, bindings}, in the order of the text. */
  this.imports = [];
  /** {name, local} or {name, from, imported}; `local` is the identifier of a declaration. */
  this.exports = [];
  /** {from} of `export * from`. */
  this.stars = [];
  /** Calls of a name `require`: {callee, argument}. */
  this.requires = [];
  /** The declarations that go, or become something else. */
  this.statements = [];
}

function isAtTop(node) {
  return node.parent && node.parent.kind === K.Block && node.parent.pos === bodyStart();
}

/** @returns {boolean} whether the declaration may stand here; else it is an error */
function checkPlace(node, word) {
  if (word === "'export'" ? textKind !== MODULE : textKind === COMMONJS) {
    if (textKind === COMMONJS)
      walk.errors.add(node, word + ': this file is CommonJS; use require and module.exports');
    else walk.errors.addModuleSyntax(node);
    return false;
  }
  if (isAtTop(node)) return true;
  walk.errors.add(node, word + ' declarations belong to the top level, outside every block');
  return false;
}

function addImport(node) {
  var specifier = node.moduleSpecifier;
  var record;
  adopt(specifier, node);
  if (specifier.kind !== K.StringLiteral) {
    walk.errors.add(specifier, 'the name of a module must be a string');
    return undefined;
  }
  record = { specifier: specifier, names: [], variable: undefined, isNamespace: false };
  walk.analysis.module.imports.push(record);
  return record;
}

function bindImport(identifier, node, record, name) {
  walk.errors.checkBindingName(identifier, walk.owner.isStrict, Kind.IMPORT);
  identifier.parent = node;
  declare(identifier, Kind.IMPORT, node).imported = { record: record, name: name };
  if (name === '*') record.isNamespace = true;
  else if (record.names.indexOf(name) < 0) record.names.push(name);
}

on([K.ImportDeclaration], function (node) {
  var clause = node.importClause;
  var record;
  if (!checkPlace(node, "'import'")) return;
  walk.analysis.module.statements.push(node);
  if (clause && clause.isTypeOnly) return;
  record = addImport(node);
  if (record === undefined || clause === undefined) return;
  adopt(clause, node);
  if (clause.name) bindImport(clause.name, clause, record, 'default');
  if (clause.namedBindings === undefined) return;
  adopt(clause.namedBindings, clause);
  if (clause.namedBindings.kind === K.NamespaceImport) {
    bindImport(clause.namedBindings.name, clause.namedBindings, record, '*');
    return;
  }
  clause.namedBindings.elements.forEach(function (element) {
    adopt(element, clause.namedBindings);
    if (!element.isTypeOnly)
      bindImport(element.name, element, record, ts.idText(element.propertyName || element.name));
  });
});

on([K.ExportDeclaration], function (node) {
  var info = walk.analysis.module;
  var clause = node.exportClause;
  var record;
  if (!checkPlace(node, "'export'")) return;
  info.statements.push(node);
  if (node.isTypeOnly) return;
  if (node.moduleSpecifier) {
    record = addImport(node);
    if (record === undefined) return;
  }
  if (clause === undefined) {
    info.stars.push({ from: record });
  } else if (clause.kind === K.NamespaceExport) {
    record.isNamespace = true;
    info.exports.push({ name: ts.idText(clause.name), from: record, imported: '*' });
  } else {
    exportNames(clause, record);
  }
});

function exportNames(clause, record) {
  clause.elements.forEach(function (element) {
    var source = element.propertyName || element.name;
    var name = ts.idText(element.name);
    if (element.isTypeOnly) return;
    if (record !== undefined) {
      if (record.names.indexOf(ts.idText(source)) < 0) record.names.push(ts.idText(source));
      addExport(element, { name: name, from: record, imported: ts.idText(source) });
    } else {
      adopt(element, clause);
      adopt(source, element);
      visitIn(source, element); // a reference, so that what it means is known in the end
      addExport(element, { name: name, reference: source });
    }
  });
}

function addExport(node, entry) {
  var list = walk.analysis.module.exports;
  for (var i = 0; i < list.length; i++) {
    if (list[i].name === entry.name)
      walk.errors.add(node, "Duplicate export of '" + entry.name + "'");
  }
  list.push(entry);
}

on([K.ExportAssignment], function (node) {
  if (!checkPlace(node, "'export'")) return;
  if (node.isExportEquals) {
    walk.errors.add(node, "'export =' is not available; use export default");
    return;
  }
  walk.analysis.module.statements.push(node);
  addExport(node, { name: 'default', assignment: node });
  children(node);
});

on([K.ImportEqualsDeclaration, K.NamespaceExportDeclaration], function (node) {
  walk.errors.addModuleSyntax(node);
});

function without(modifiers) {
  var rest = modifiers.filter(function (modifier) {
    return modifier.kind !== K.ExportKeyword && modifier.kind !== K.DefaultKeyword;
  });
  return rest.length === 0 ? undefined : ts.factory.createNodeArray(rest);
}

function declaredNames(name, found) {
  if (name.kind === K.Identifier) found.push(name);
  else
    name.elements.forEach(function (element) {
      if (element.kind === K.BindingElement) declaredNames(element.name, found);
    });
  return found;
}

/**
 * `export` before a declaration: what is exported is noted, and the word is taken off the node.
 * @param {function(): ts.Identifier} nameless makes a name for `export default function () {}`
 */
export function noteExported(node, nameless) {
  var isDefault = hasModifier(node, K.DefaultKeyword);
  var names;
  if (!hasModifier(node, K.ExportKeyword)) return;
  if (!checkPlace(node, "'export'")) return;
  if (node.kind === K.VariableStatement) {
    names = [];
    node.declarationList.declarations.forEach(function (declaration) {
      declaredNames(declaration.name, names);
    });
  } else {
    if (node.name === undefined) node.name = nameless();
    names = [node.name];
  }
  names.forEach(function (name) {
    addExport(name, { name: isDefault ? 'default' : ts.idText(name), local: name });
  });
  node.modifiers = without(node.modifiers);
}

/** A call: `import(x)`, or perhaps `require(x)`; whether that name is the real one is known after the walk. */
export function noteModuleCall(node) {
  var callee = node.expression;
  var argument = node.arguments && node.arguments[0];
  var info = walk.analysis.module;
  if (node.kind !== K.CallExpression) return;
  if (callee.kind === K.ImportKeyword) {
    if (argument === undefined) walk.errors.add(callee, "'import()' takes the name of a module");
    info.requires.push({ callee: undefined, argument: argument, node: node });
  } else if (callee.kind === K.Identifier && callee.escapedText === 'require') {
    info.requires.push({ callee: callee, argument: argument, node: node });
  }
}
