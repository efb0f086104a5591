/**
 * Early errors of functions, classes, patterns and statements: what TypeScript's parser lets pass because its type checker
 * would tell. Each function takes the list of errors (errors.js) first.
 */
import ts from 'typescript';
import { textBetween } from './errors.js';

var K = ts.SyntaxKind;
var F = ts.NodeFlags;
var LINE_BREAK = /[\n\r\u2028\u2029]/;
/** `\1`, `\08` and the like, behind an even number of backslashes. */
var OCTAL_ESCAPE = /(?:^|[^\\])(?:\\\\)*\\(?:0[0-9]|[1-9])/;
var WORD_START = /[\w$\\\u00aa-\u1fff\u2c00-\ud7ff\uf900-\ufdff]/;

function isName(node, text) {
  if (node === undefined) return false;
  if (node.kind === K.Identifier) return node.escapedText === ts.escapeLeadingUnderscores(text);
  return node.kind === K.StringLiteral && node.text === text;
}

// Functions

function hasParameterWithoutRules(parameter) {
  return (
    parameter.name.kind === K.Identifier &&
    parameter.initializer === undefined &&
    parameter.dotDotDotToken === undefined
  );
}

/** @returns {boolean} whether the list is a plain one, which alone may repeat names */
export function isSimpleList(parameters) {
  return parameters.every(hasParameterWithoutRules);
}

export function checkParameters(errors, node) {
  var list = node.parameters;
  for (var i = 0; i < list.length; i++) {
    if (list[i].dotDotDotToken === undefined) continue;
    if (i + 1 < list.length || list.hasTrailingComma)
      errors.add(list[i], 'Rest parameter must be last formal parameter');
    else if (list[i].initializer !== undefined)
      errors.add(list[i].initializer, 'Rest parameter may not have a default initializer');
  }
}

export function checkStrictDirective(errors, node) {
  if (isSimpleList(node.parameters)) return;
  errors.add(
    node.body.statements[0],
    "Illegal 'use strict' directive in function with non-simple parameter list",
  );
}

export function checkArrow(errors, node) {
  var arrow = node.equalsGreaterThanToken;
  if (arrow === undefined) return;
  if (LINE_BREAK.test(textBetween(arrow.pos, arrow.end)))
    errors.addAt(arrow.end - 2, "Unexpected token '=>' at the start of a line");
}

export function checkFunctionName(errors, node) {
  if (node.name === undefined) errors.add(node, 'Function statements require a function name');
}

/** `yield` as a name inside a generator, or as the name of a generator expression. */
export function checkYieldName(errors, name, owner) {
  if (!isName(name, 'yield')) return;
  while (owner && owner.isArrow && owner.isInParameters) owner = owner.parent;
  if (owner && owner.isGenerator) errors.add(name, "'yield' cannot be a name in a generator");
}

// Patterns of declarations

export function checkBindingPattern(errors, pattern) {
  var elements = pattern.elements;
  for (var i = 0; i < elements.length; i++) {
    if (elements[i].kind !== K.BindingElement || elements[i].dotDotDotToken === undefined) continue;
    if (i + 1 < elements.length || elements.hasTrailingComma)
      errors.add(elements[i], 'Rest element must be last element');
    else if (elements[i].initializer !== undefined)
      errors.add(elements[i].initializer, 'A rest element cannot have a default');
    else if (pattern.kind === K.ObjectBindingPattern && elements[i].name.kind !== K.Identifier)
      errors.add(
        elements[i].name,
        '`...` must be followed by an identifier in declaration contexts',
      );
  }
}

export function checkDeclarationList(errors, list, parent) {
  var first = list.declarations[0];
  var isForIn = parent.kind === K.ForInStatement;
  if (first === undefined) {
    errors.add(list, "'let' cannot be the name of a variable here");
    return;
  }
  if (list.declarations.hasTrailingComma) {
    errors.addAt(list.declarations.end, 'A variable is missing after the comma');
    return;
  }
  if (!isForIn && parent.kind !== K.ForOfStatement) return;
  if (list.declarations.length > 1) {
    errors.add(list.declarations[1], 'A loop over values declares one variable or pattern');
  } else if (first.initializer !== undefined) {
    if (isForIn && !(list.flags & F.BlockScoped) && first.name.kind === K.Identifier) return;
    errors.add(
      first.initializer,
      (isForIn ? 'for-in' : 'for-of') + ' loop variable declaration may not have an initializer.',
    );
  }
}

export function checkCatchVariable(errors, declaration) {
  if (declaration.initializer !== undefined)
    errors.add(
      declaration.initializer,
      'The variable of a catch clause cannot have an initializer',
    );
}

// Statements

/** @param {boolean} allowsFunction an `if` of sloppy code may have a plain function as its branch */
export function checkBody(errors, statement, allowsFunction) {
  var inner = statement;
  var isLabelled = false;
  if (statement === undefined) return;
  while (inner.kind === K.LabeledStatement) {
    inner = inner.statement;
    isLabelled = true;
  }
  if (inner.kind === K.FunctionDeclaration)
    checkFunctionBody(errors, inner, allowsFunction && !isLabelled);
  else if (!isLabelled) checkNoDeclaration(errors, inner);
}

function checkFunctionBody(errors, node, isAllowed) {
  if (!isAllowed || node.asteriskToken || isAsync(node))
    errors.add(
      node,
      'A function can only be declared at top level, in a block or as a branch of if',
    );
}

function isAsync(node) {
  return (node.modifiers || []).some(function (modifier) {
    return modifier.kind === K.AsyncKeyword;
  });
}

function checkNoDeclaration(errors, statement) {
  var isLexical =
    statement.kind === K.ClassDeclaration ||
    (statement.kind === K.VariableStatement && statement.declarationList.flags & F.BlockScoped);
  if (isLexical)
    errors.add(statement, 'Lexical declaration cannot appear in a single-statement context');
}

export function checkLabelled(errors, statement, isStrict) {
  if (statement.kind === K.FunctionDeclaration) checkFunctionBody(errors, statement, !isStrict);
  else checkNoDeclaration(errors, statement);
}

// Expressions

export function checkTemplate(errors, node) {
  var isTagged = node.parent.kind === K.TaggedTemplateExpression;
  if (node.kind !== K.NoSubstitutionTemplateLiteral)
    isTagged =
      (node.kind === K.TemplateHead ? node.parent : node.parent.parent).parent.kind ===
      K.TaggedTemplateExpression;
  if (!isTagged && OCTAL_ESCAPE.test(textBetween(node.pos, node.end)))
    errors.add(node, 'Octal escape sequences are not allowed in template strings.');
}

export function checkNumber(errors, node) {
  if (WORD_START.test(textBetween(node.end, node.end + 1)))
    errors.addAt(node.end, 'Invalid or unexpected token after a number');
}

export function checkComputedName(errors, node) {
  var expression = node.expression;
  if (expression.kind === K.BinaryExpression && expression.operatorToken.kind === K.CommaToken)
    errors.add(expression, "Unexpected token ',' in a computed name");
}

function isPrototypeMember(property) {
  return property.kind === K.PropertyAssignment && isName(property.name, '__proto__');
}

/** An object literal that is a value, not a pattern. */
export function checkObjectLiteral(errors, node) {
  var prototypes = node.properties.filter(isPrototypeMember);
  if (prototypes.length > 1)
    errors.add(prototypes[1], 'Duplicate __proto__ fields are not allowed in object literals');
  node.properties.forEach(function (property) {
    if (property.kind === K.ShorthandPropertyAssignment && property.objectAssignmentInitializer)
      errors.add(property, 'Invalid shorthand property initializer');
  });
}

// Classes

export function checkClass(errors, node) {
  if (node.kind === K.ClassDeclaration && node.name === undefined)
    errors.add(node, 'A class declaration requires a name');
  (node.heritageClauses || []).forEach(function (clause) {
    if (clause.token === K.ExtendsKeyword && clause.types.length !== 1)
      errors.add(clause, 'A class extends exactly one other');
  });
  node.members.forEach(function (member) {
    checkClassMember(errors, member);
  });
}

function isStatic(member) {
  return (member.modifiers || []).some(function (modifier) {
    return modifier.kind === K.StaticKeyword;
  });
}

function checkClassMember(errors, member) {
  var name = member.name;
  if (name === undefined) return;
  if (name.kind === K.PrivateIdentifier && name.escapedText === '#constructor') {
    errors.add(name, 'Classes may not have a private field named #constructor');
  } else if (isStatic(member)) {
    if (isName(name, 'prototype'))
      errors.add(name, "Classes may not have a static property named 'prototype'");
  } else if (isName(name, 'constructor')) {
    checkConstructorName(errors, member);
  }
}

function checkConstructorName(errors, member) {
  if (member.kind === K.GetAccessor || member.kind === K.SetAccessor)
    errors.add(member, 'Class constructor may not be an accessor');
  else if (member.kind === K.MethodDeclaration && member.asteriskToken)
    errors.add(member, 'Class constructor may not be a generator');
  else if (member.kind === K.MethodDeclaration && isAsync(member))
    errors.add(member, 'Class constructor may not be an async method');
}
