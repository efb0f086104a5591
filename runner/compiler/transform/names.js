/** Identifiers: new names of block-scoped variables, uses before the declaration, assignments to constants. */
import ts from 'typescript';
import { handle, visitChildren, visitList, visitOne } from './visitor.js';
import { Use } from '../readiness.js';
import { at, call, factory, identifier, member, standFor, text, declaration } from './nodes.js';

var K = ts.SyntaxKind;

/** Names the script sees in `arguments` of a function whose body moved into another one. */
export function argumentsName(info) {
  if (info.argumentsName === undefined) info.argumentsName = factory.createUniqueName('arguments');
  return info.argumentsName;
}

function plain(node) {
  var binding = node.amidBinding;
  if (node.amidRequire) return at(identifier('__require'), node);
  if (binding !== undefined && binding.imported) return imported(node, binding.imported);
  if (node.amidCapturedArguments)
    return at(factory.cloneNode(argumentsName(node.amidArguments)), node);
  if (binding === undefined || binding.newName === undefined) return node;
  return standFor(identifier(binding.newName), node);
}

/** An imported name is a property of its module; called, it gets no `this`. */
function imported(node, source) {
  var name = source.record.variable;
  if (source.name === '*') return at(identifier(name), node);
  if (node.parent.kind !== K.CallExpression && node.parent.kind !== K.TaggedTemplateExpression)
    return at(member(name, source.name), node);
  return at(
    factory.createParenthesizedExpression(
      factory.createComma(factory.createNumericLiteral(0), member(name, source.name)),
    ),
    node,
  );
}

function checked(node) {
  var binding = node.amidBinding;
  var name = text(ts.idText(node));
  var isReady = binding.readyFlag === undefined ? undefined : identifier(binding.readyFlag);
  var isMissing = factory.createStrictEquality(plain(node), factory.createVoidZero());
  if (isReady) isMissing = factory.createLogicalAnd(isMissing, factory.createLogicalNot(isReady));
  return factory.createParenthesizedExpression(
    factory.createConditionalExpression(
      isMissing,
      factory.createToken(K.QuestionToken),
      call('__notReady', [name]),
      factory.createToken(K.ColonToken),
      plain(node),
    ),
  );
}

/** An identifier in an expression. Throwing accessors stand for what must not be read or written. */
function expression(node) {
  if (node.amidUse === Use.BEFORE_DECLARATION)
    return at(member(call('__early', [text(ts.idText(node))]), 'value'), node);
  if (node.amidUse === Use.OF_CONSTANT) {
    return at(member(call('__constant', [text(ts.idText(node)), plain(node)]), 'value'), node);
  }
  if (node.amidUse === Use.TO_CHECK) return at(checked(node), node);
  if (node.amidUse === Use.TO_COPY) {
    return at(
      factory.createParenthesizedExpression(factory.createLogicalOr(plain(node), plain(node))),
      node,
    );
  }
  return plain(node);
}

handle([K.Identifier], expression);

handle([K.CallExpression], function (node) {
  if (node.expression.kind !== K.ImportKeyword) return visitChildren(node);
  return at(call('__dynamicImport', visitList(node.arguments)), node);
});

handle([K.ShorthandPropertyAssignment], function (node) {
  var value = expression(node.name);
  if (node.objectAssignmentInitializer)
    value = assignDefault(value, node.objectAssignmentInitializer);
  else if (value === node.name) return node;
  return at(factory.createPropertyAssignment(identifier(ts.idText(node.name)), value), node);
});

function assignDefault(target, initializer) {
  return factory.createAssignment(target, visitOne(initializer));
}

/** `{ x }` as a pattern keeps its property name when the variable gets another one. */
handle([K.BindingElement], function (node) {
  var propertyName = node.propertyName;
  var isRenamed = node.name.kind === K.Identifier && node.name.amidBinding.newName !== undefined;
  if (
    propertyName === undefined &&
    isRenamed &&
    !node.dotDotDotToken &&
    node.parent.kind === K.ObjectBindingPattern
  ) {
    propertyName = identifier(ts.idText(node.name));
  }
  return factory.updateBindingElement(
    node,
    node.dotDotDotToken,
    propertyName && propertyName === node.propertyName ? visitOne(propertyName) : propertyName,
    visitOne(node.name),
    visitOne(node.initializer),
  );
});

handle([K.VariableDeclarationList], function (node) {
  var declarations = [];
  node.declarations.forEach(function (each) {
    declarations.push(withValue(visitOne(each), each));
    (each.amidReadyFlags || []).forEach(function (flag) {
      declarations.push(declaration(flag, factory.createTrue()));
    });
  });
  return factory.updateVariableDeclarationList(node, declarations);
});

/** `let x;` sets x to undefined at that place, which matters where its readiness is asked. */
function withValue(made, original) {
  if (original.amidReadyFlags === undefined || made.initializer !== undefined) return made;
  return factory.updateVariableDeclaration(
    made,
    made.name,
    undefined,
    undefined,
    factory.createVoidZero(),
  );
}
