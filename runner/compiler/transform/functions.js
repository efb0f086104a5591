/**
 * Last look at functions (and private names) while they are printed: names that the language gives them from their place in the text, and
 * methods in shorthand, which the engine makes without a prototype object and which cannot be constructed.
 */
import ts from 'typescript';
import { call, factory, identifier } from './nodes.js';

var K = ts.SyntaxKind;
var IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
var RESERVED =
  / (break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|import|in|instanceof|new|null|return|super|switch|this|throw|true|try|typeof|var|void|while|with|implements|interface|let|package|private|protected|public|static|yield|eval|arguments|get|set) /;

/** Whether a reference inside to its own name means the function itself. */
function meansItself(info, node) {
  return info.selfReferences.every(function (reference) {
    var binding = reference.node.amidBinding;
    return binding !== undefined && !binding.isAssigned && binding.node.initializer === node;
  });
}

function nameOf(original) {
  var name = original.amidName;
  if (name === undefined || original.amidFunction === undefined) return undefined;
  if (!IDENTIFIER.test(name) || RESERVED.test(' ' + name + ' ')) return undefined;
  return meansItself(original.amidFunction, original) ? name : undefined;
}

function named(node) {
  var original = ts.getOriginalNode(node);
  var name;
  if (node.name !== undefined) return node;
  if (original.kind === K.ArrowFunction) return asMember(node, givenName(original));
  if (original.kind === K.MethodDeclaration && original.name.kind === K.Identifier) {
    return asMember(node, ts.idText(original.name));
  }
  name = nameOf(original);
  if (name === undefined) return node;
  return ts.setOriginalNode(
    ts.setTextRange(
      factory.createFunctionExpression(
        node.modifiers,
        undefined,
        identifier(name),
        undefined,
        node.parameters,
        undefined,
        node.body,
      ),
      node,
    ),
    node,
  );
}

function givenName(original) {
  return original.amidName === undefined ? '' : ts.unescapeLeadingUnderscores(original.amidName);
}

/**
 * `{ name() { … } }.name`: in this engine the cheapest form of a function that cannot be constructed. It needs no
 * prototype object, which would keep the function alive until a full collection, and no scope for its own name.
 */
function asMember(node, name) {
  var isWord = IDENTIFIER.test(name);
  var key = isWord ? methodName(identifier(name)) : factory.createStringLiteral(name, true);
  var method = ts.setTextRange(
    factory.createMethodDeclaration(
      undefined,
      undefined,
      key,
      undefined,
      undefined,
      node.parameters,
      undefined,
      node.body,
    ),
    node,
  );
  var object = factory.createObjectLiteralExpression([method]);
  method.amidStandsForFunction = true;
  return ts.setTextRange(
    isWord
      ? factory.createPropertyAccessExpression(object, name)
      : factory.createElementAccessExpression(object, factory.createStringLiteral(name, true)),
    node,
  );
}

/** The engine takes `get`, `set` and reserved words as names of shorthand methods only in quotes. */
function methodName(name) {
  var isName = name.kind === K.Identifier;
  if (isName && RESERVED.test(' ' + ts.idText(name) + ' '))
    return factory.createStringLiteral(ts.idText(name), true);
  return name;
}

function asMethod(node) {
  var value = node.initializer;
  var kind = value.kind === K.FunctionExpression && ts.getOriginalNode(value).kind;
  if ((kind !== K.MethodDeclaration && kind !== K.ArrowFunction) || value.name !== undefined)
    return node;
  return ts.setTextRange(
    factory.createMethodDeclaration(
      undefined,
      undefined,
      methodName(node.name),
      undefined,
      undefined,
      value.parameters,
      undefined,
      value.body,
    ),
    node,
  );
}

/** The pass before keeps each private name's values in a WeakMap; the runtime has something quicker for that. */
function asPrivateName(node) {
  var callee = node.expression;
  var isMade = callee.pos < 0 && callee.kind === K.Identifier;
  if (!isMade || (ts.idText(callee) !== 'WeakMap' && ts.idText(callee) !== 'WeakSet')) return node;
  return call('__private', []);
}

/** A transformer factory as ts.transformNodes takes it. */
export function functionNamer(context) {
  var substitute = context.onSubstituteNode;
  var emit = context.onEmitNode;
  context.enableSubstitution(K.FunctionExpression);
  context.enableSubstitution(K.NewExpression);
  context.enableEmitNotification(K.PropertyAssignment);
  context.onSubstituteNode = function (hint, node) {
    var made = substitute(hint, node);
    if (made.kind === K.FunctionExpression) return named(made);
    return made.kind === K.NewExpression ? asPrivateName(made) : made;
  };
  // The passes before follow on functions they know what `this` means; a method made here is none of those.
  context.onEmitNode = function (hint, node, print) {
    var made = node.kind === K.PropertyAssignment ? asMethod(node) : node;
    if (made !== node) {
      emit(hint, node.initializer, function () {
        print(hint, made);
      });
    } else if (node.amidStandsForFunction) {
      print(hint, node);
    } else {
      emit(hint, node, print);
    }
  };
  return function (file) {
    return file;
  };
}
