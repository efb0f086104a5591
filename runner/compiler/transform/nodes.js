/** Small constructors of syntax that several transformers need. */
import ts from 'typescript';

export var factory = ts.factory;

export function identifier(name) {
  return factory.createIdentifier(name);
}

export function call(name, args) {
  return factory.createCallExpression(
    typeof name === 'string' ? identifier(name) : name,
    undefined,
    args,
  );
}

export function member(object, name) {
  return factory.createPropertyAccessExpression(
    typeof object === 'string' ? identifier(object) : object,
    name,
  );
}

export function callMember(object, name, args) {
  return factory.createCallExpression(member(object, name), undefined, args);
}

export function text(value) {
  return factory.createStringLiteral(value, true);
}

export function statement(expression) {
  return factory.createExpressionStatement(expression);
}

export function assign(target, value) {
  return factory.createAssignment(target, value);
}

export function block(statements) {
  return factory.createBlock(statements, true);
}

/** @param {number} flags ts.NodeFlags.Const, Let or None */
export function variables(declarations, flags) {
  return factory.createVariableDeclarationList(declarations, flags);
}

export function declaration(name, initializer) {
  return factory.createVariableDeclaration(name, undefined, undefined, initializer);
}

export function variable(name, initializer, flags) {
  return factory.createVariableStatement(
    undefined,
    variables([declaration(name, initializer)], flags),
  );
}

export function arrow(parameters, body) {
  return factory.createArrowFunction(
    undefined,
    undefined,
    parameters,
    undefined,
    factory.createToken(ts.SyntaxKind.EqualsGreaterThanToken),
    body,
  );
}

export function parameter(name, isRest) {
  return factory.createParameterDeclaration(
    undefined,
    isRest ? factory.createToken(ts.SyntaxKind.DotDotDotToken) : undefined,
    name,
  );
}

/** Gives a made node the place of the one it stands for, so that lines can be told. */
export function at(node, original) {
  return ts.setTextRange(node, original);
}

/** As `at`, and the resolver sees the original when it is asked about the made node. */
export function standFor(node, original) {
  return ts.setOriginalNode(ts.setTextRange(node, original), original);
}
