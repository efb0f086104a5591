/** Errors in the owner's text that the parser lets pass, in the words a JavaScript programmer knows. */
import ts from 'typescript';
import { bare } from './assignment.js';
import { Kind } from './scope.js';

var K = ts.SyntaxKind;
var STRICT_RESERVED = / (implements|interface|let|package|private|protected|public|static|yield) /;
var MODULE_HINT =
  'this module syntax is not available: a script is the body of an async function that imports packages and exports nothing';

/** The file's text, with what wrapper.js puts around the script. */
export function textBetween(start, end) {
  return currentText.slice(start, end);
}

/** Collects {start, message}; the earliest in the text is what the owner sees. */
export function Errors() {
  this.list = [];
}

function startOf(node) {
  return ts.skipTrivia(sourceText(node), node.pos);
}

function sourceText(node) {
  while (node.parent) node = node.parent;
  return node.text || currentText;
}

var currentText = '';

/** Nodes know their place only, not their text. */
export function setErrorText(text) {
  currentText = text;
}

Errors.prototype.add = function (node, message) {
  this.list.push({ start: startOf(node), message: message });
};

Errors.prototype.addAt = function (start, message) {
  this.list.push({ start: start, message: message });
};

Errors.prototype.addModuleSyntax = function (node) {
  this.add(
    node,
    (node.kind === K.ImportEqualsDeclaration ? "'import ='" : "'export'") + ': ' + MODULE_HINT,
  );
};

Errors.prototype.checkModifiers = function (node) {
  var modifiers = node.modifiers || [];
  for (var i = 0; i < modifiers.length; i++) {
    if (modifiers[i].kind === K.Decorator) this.add(modifiers[i], 'Decorators are not supported');
  }
};

Errors.prototype.checkBindingName = function (name, isStrict, kind) {
  var text = ts.idText(name);
  if (text === 'await') this.add(name, "'await' is reserved here and cannot be a name");
  else if (isStrict && (text === 'eval' || text === 'arguments')) {
    this.add(name, "Unexpected '" + text + "' in strict mode");
  } else if (isStrict && STRICT_RESERVED.test(' ' + text + ' ')) {
    this.add(name, "'" + text + "' is a reserved word in strict mode");
  } else if (text === 'let' && (kind === Kind.LET || kind === Kind.CONST || kind === Kind.CLASS)) {
    this.add(name, "'let' cannot be the name of a lexical declaration");
  }
};

Errors.prototype.checkDeclaration = function (declaration, kind, statement) {
  var isLoopHead = statement.kind === K.ForInStatement || statement.kind === K.ForOfStatement;
  if (isLoopHead || declaration.initializer !== undefined) return;
  if (kind === Kind.CONST) this.add(declaration.name, 'Missing initializer in const declaration');
  else if (declaration.name.kind !== K.Identifier) {
    this.add(declaration.name, 'Missing initializer in destructuring declaration');
  }
};

Errors.prototype.checkDelete = function (node, isStrict) {
  var target = bare(node.expression);
  if (isStrict && target.kind === K.Identifier) {
    this.add(node, 'Delete of an unqualified identifier in strict mode');
  } else if (
    target.kind === K.PropertyAccessExpression &&
    target.name.kind === K.PrivateIdentifier
  ) {
    this.add(node, 'Private fields can not be deleted');
  }
};

Errors.prototype.checkAwait = function (node, owner) {
  if (owner.isInitializer || !owner.isAsync) {
    this.add(node, 'await is only valid in async functions and at the top level');
  } else if (owner.isInParameters) {
    this.add(node, 'await is not allowed in the parameters of an async function');
  }
};

Errors.prototype.checkYield = function (node, owner) {
  if (!owner.isGenerator) this.add(node, 'yield is only valid in generator functions');
  else if (owner.isInParameters)
    this.add(node, 'yield is not allowed in the parameters of a generator');
};

Errors.prototype.checkLabel = function (node, jumps) {
  for (var i = 0; i < jumps.length; i++) {
    if (jumps[i].label === node.label.escapedText) {
      this.add(node.label, "Label '" + ts.idText(node.label) + "' has already been declared");
    }
  }
};

Errors.prototype.checkJump = function (node, jumps) {
  var isContinue = node.kind === K.ContinueStatement;
  for (var i = jumps.length - 1; i >= 0; i--) {
    if (node.label === undefined) {
      if (jumps[i].label === undefined && (jumps[i].isLoop || !isContinue)) return;
    } else if (jumps[i].label === node.label.escapedText) {
      if (isContinue && !jumps[i].isLoop) {
        this.add(node, "Illegal continue: '" + ts.idText(node.label) + "' does not denote a loop");
      }
      return;
    }
  }
  if (node.label) this.add(node.label, "Undefined label '" + ts.idText(node.label) + "'");
  else if (isContinue) this.add(node, 'Illegal continue statement: no surrounding loop');
  else this.add(node, 'Illegal break statement: no surrounding loop or switch');
};

Errors.prototype.checkMember = function (node) {
  this.checkModifiers(node);
  if (node.kind === K.GetAccessor && node.parameters.length > 0)
    this.add(node, 'Getter must not have parameters');
  if (node.kind === K.SetAccessor && node.parameters.length !== 1) {
    this.add(node, 'Setter must have exactly one parameter');
  }
  if (
    node.kind === K.PropertyDeclaration &&
    (node.name.escapedText === 'constructor' || node.name.text === 'constructor')
  ) {
    this.add(node, "Classes may not have a field named 'constructor'");
  }
};

function isSuperClass(node) {
  return (node.heritageClauses || []).some(function (clause) {
    return clause.token === K.ExtendsKeyword;
  });
}

/** The home of `super`: the nearest function that is not an arrow. */
function homeOf(owner) {
  while (owner && owner.isArrow) owner = owner.parent;
  return owner;
}

Errors.prototype.checkSuper = function (node, owner) {
  var home = homeOf(owner);
  var kind = home && home.node.kind;
  var isMember =
    kind === K.MethodDeclaration ||
    kind === K.GetAccessor ||
    kind === K.SetAccessor ||
    kind === K.Constructor ||
    kind === K.PropertyDeclaration ||
    kind === K.ClassStaticBlockDeclaration;
  if (!isMember) this.add(node, "'super' keyword unexpected here");
};

Errors.prototype.checkCall = function (node, owner) {
  var callee = node.expression;
  if (callee.kind !== K.SuperKeyword) return;
  var home = homeOf(owner);
  if (
    !home ||
    home.node.kind !== K.Constructor ||
    !isSuperClass(home.node.parent) ||
    node.kind === K.NewExpression
  ) {
    this.add(node, "'super' keyword unexpected here");
  }
};

Errors.prototype.checkMetaProperty = function (node, owner) {
  if (node.keywordToken === K.ImportKeyword) this.add(node, "'import.meta': " + MODULE_HINT);
  else if (ts.idText(node.name) !== 'target') this.add(node, "Unexpected '.'");
  else if (textBetween(node.name.pos, node.name.end).indexOf('\\') >= 0)
    this.add(node, "'new.target' must not contain escaped characters");
  else if (homeOf(owner) === undefined) this.add(node, 'new.target expression is not allowed here');
};

/** @returns {object} the private names that a class declares */
Errors.prototype.privateNames = function (node) {
  var names = Object.create(null);
  var constructors = 0;
  for (var i = 0; i < node.members.length; i++) {
    var member = node.members[i];
    if (member.kind === K.Constructor && member.body && ++constructors > 1) {
      this.add(member, 'A class may only have one constructor');
    }
    if (member.name && member.name.kind === K.PrivateIdentifier) this.declarePrivate(names, member);
  }
  return names;
};

Errors.prototype.declarePrivate = function (names, member) {
  var name = member.name.escapedText;
  var kind =
    member.kind === K.GetAccessor ? 'get' : member.kind === K.SetAccessor ? 'set' : 'other';
  var present = names[name];
  if (present === undefined) names[name] = kind;
  else if (present !== kind && present !== 'other' && kind !== 'other' && present !== 'both')
    names[name] = 'both';
  else if (member.body || member.kind === K.PropertyDeclaration) {
    this.add(member.name, "Identifier '" + ts.idText(member.name) + "' has already been declared");
  }
};

Errors.prototype.checkPrivateName = function (node, classes) {
  for (var i = 0; i < classes.length; i++) if (classes[i][node.escapedText] !== undefined) return;
  this.add(node, "Private field '" + ts.idText(node) + "' must be declared in an enclosing class");
};
