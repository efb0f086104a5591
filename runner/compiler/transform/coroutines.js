/**
 * Async functions and generators become plain functions whose body runs as a coroutine of the runtime:
 *
 *   async function f(a) { await x; }     →  function f(a) { return __async(() => { __await(x); }); }
 *   async function f(a = g()) { … }      →  function f() { const args = arguments;
 *                                             return __async(() => ((a = g()) => { … }).apply(void 0, args)); }
 *
 * so that a parameter default that throws rejects. A generator's parameters are bound before its object is made, as the
 * language says. Functions of blocks become variables of their block here as well.
 */
import ts from 'typescript';
import { handle, visit, visitChildren, visitOne } from './visitor.js';
import { argumentsName } from './names.js';
import {
  arrow,
  at,
  block,
  call,
  callMember,
  declaration,
  factory,
  identifier,
  parameter,
  standFor,
  variable,
  variables,
} from './nodes.js';

var K = ts.SyntaxKind;

function isSimple(node) {
  return node.parameters.every(function (each) {
    return each.name.kind === K.Identifier && !each.initializer && !each.dotDotDotToken;
  });
}

function withoutAsync(node) {
  return (
    node.modifiers &&
    node.modifiers.filter(function (modifier) {
      return modifier.kind !== K.AsyncKeyword;
    })
  );
}

function runner(info) {
  if (info.isGenerator) return info.isAsync ? '__agen' : '__gen';
  return info.hasAwait ? '__async' : '__asyncNow';
}

function asBlock(body) {
  return body.kind === K.Block
    ? body
    : at(block([at(factory.createReturnStatement(body), body)]), body);
}

function prologueLength(statements) {
  var length = 0;
  while (
    length < statements.length &&
    statements[length].kind === K.ExpressionStatement &&
    statements[length].expression.kind === K.StringLiteral
  ) {
    length++;
  }
  return length;
}

function withFirst(body, statement) {
  var count = prologueLength(body.statements);
  var statements = body.statements.slice();
  statements.splice(count, 0, statement);
  return at(factory.createBlock(statements, true), body);
}

function keepArguments(info) {
  return variable(
    factory.cloneNode(argumentsName(info)),
    identifier('arguments'),
    ts.NodeFlags.None,
  );
}

/** The parameters that count for the function's `length`, under names nobody sees. */
function countedParameters(node) {
  var counted = [];
  for (var i = 0; i < node.parameters.length; i++) {
    var each = node.parameters[i];
    if (each.initializer || each.dotDotDotToken) break;
    counted.push(parameter(factory.createUniqueName('p')));
  }
  return counted;
}

/** @returns {{parameters: ts.Node[], body: ts.Block}} what the plain function has */
function coroutineParts(node, visited) {
  var info = node.amidFunction;
  var body = asBlock(visited.body);
  if (info.isGenerator || isSimple(node)) {
    var run = at(
      block([
        at(factory.createReturnStatement(call(runner(info), [at(arrow([], body), node)])), node),
      ]),
      body,
    );
    if (info.capturesArguments) run = withFirst(run, keepArguments(info));
    return { parameters: visited.parameters, body: run };
  }
  var inner = factory.createParenthesizedExpression(at(arrow(visited.parameters, body), node));
  if (info.isArrow) return arrowWithPatterns(node, inner);
  var apply = callMember(inner, 'apply', [
    factory.createVoidZero(),
    factory.cloneNode(argumentsName(info)),
  ]);
  var start = at(
    block([
      keepArguments(info),
      at(factory.createReturnStatement(call(runner(info), [arrow([], apply)])), node),
    ]),
    body,
  );
  return { parameters: countedParameters(node), body: start };
}

function arrowWithPatterns(node, inner) {
  var rest = factory.createUniqueName('args');
  var counted = countedParameters(node);
  var given = counted.map(function (each) {
    return factory.cloneNode(each.name);
  });
  var args = given.concat([factory.createSpreadElement(factory.cloneNode(rest))]);
  var apply = factory.createCallExpression(inner, undefined, args);
  return {
    parameters: counted.concat([parameter(rest, true)]),
    body: at(
      block([
        at(
          factory.createReturnStatement(call(runner(node.amidFunction), [arrow([], apply)])),
          node,
        ),
      ]),
      node,
    ),
  };
}

/** The parts of a function after the visit, coroutine or not. */
function functionParts(node) {
  var info = node.amidFunction;
  var visited = visitChildren(node);
  if (info.isAsync || info.isGenerator) return coroutineParts(node, visited);
  var body = visited.body;
  if (info.capturesArguments) body = withFirst(asBlock(body), keepArguments(info));
  return { parameters: visited.parameters, body: body, visited: visited };
}

handle([K.FunctionDeclaration], function (node) {
  if (node.body === undefined || node.amidFunction === undefined) return node;
  var parts = functionParts(node);
  return factory.updateFunctionDeclaration(
    node,
    withoutAsync(node),
    undefined,
    visitOne(node.name),
    undefined,
    parts.parameters,
    undefined,
    parts.body,
  );
});

handle([K.FunctionExpression], function (node) {
  var parts = functionParts(node);
  return factory.updateFunctionExpression(
    node,
    withoutAsync(node),
    undefined,
    node.name,
    undefined,
    parts.parameters,
    undefined,
    parts.body,
  );
});

handle([K.ArrowFunction], function (node) {
  var parts = functionParts(node);
  return factory.updateArrowFunction(
    node,
    withoutAsync(node),
    undefined,
    parts.parameters,
    undefined,
    node.equalsGreaterThanToken,
    parts.body,
  );
});

handle([K.MethodDeclaration], function (node) {
  if (node.body === undefined) return node;
  var parts = functionParts(node);
  return factory.updateMethodDeclaration(
    node,
    withoutAsync(node),
    undefined,
    visitOne(node.name),
    undefined,
    undefined,
    parts.parameters,
    undefined,
    parts.body,
  );
});

handle([K.Constructor, K.GetAccessor, K.SetAccessor], function (node) {
  if (node.body === undefined) return node;
  var visited = visitChildren(node);
  if (!node.amidFunction.capturesArguments) return visited;
  var body = withFirst(visited.body, keepArguments(node.amidFunction));
  if (node.kind === K.Constructor)
    return factory.updateConstructorDeclaration(
      visited,
      visited.modifiers,
      visited.parameters,
      body,
    );
  if (node.kind === K.GetAccessor) {
    return factory.updateGetAccessorDeclaration(
      visited,
      visited.modifiers,
      visited.name,
      visited.parameters,
      undefined,
      body,
    );
  }
  return factory.updateSetAccessorDeclaration(
    visited,
    visited.modifiers,
    visited.name,
    visited.parameters,
    body,
  );
});

function enclosing(node) {
  do node = node.parent;
  while (node.amidFunction === undefined);
  return node.amidFunction;
}

handle([K.AwaitExpression], function (node) {
  return at(call('__await', [visitOne(node.expression)]), node);
});

handle([K.YieldExpression], function (node) {
  var isAsync = enclosing(node).isAsync;
  var name = isAsync ? '__asyncYield' : '__yield';
  if (node.asteriskToken) name += 'Star';
  return at(call(name, node.expression ? [visitOne(node.expression)] : []), node);
});

handle([K.ReturnStatement], function (node) {
  var info = enclosing(node);
  var visited = visitChildren(node);
  if (!info.isAsync || !info.isGenerator || node.expression === undefined) return visited;
  return factory.updateReturnStatement(visited, call('__await', [visited.expression]));
});

// Functions in blocks

function blockFunction(node) {
  var made = visit(node);
  var binding = node.name.amidBinding;
  var flags = binding.isVisibleOutside ? ts.NodeFlags.None : ts.NodeFlags.Let;
  var value = standFor(
    factory.createFunctionExpression(
      made.modifiers,
      undefined,
      identifier(ts.idText(node.name)),
      undefined,
      made.parameters,
      undefined,
      made.body,
    ),
    node,
  );
  var name = binding.newName || ts.idText(node.name);
  var target = standFor(declaration(identifier(name), value), node);
  return at(factory.createVariableStatement(undefined, variables([target], flags)), node);
}

function isBlockFunction(node) {
  return node.kind === K.FunctionDeclaration && node.amidInBlock === true;
}

/** Takes the functions out of a list of statements; `functions` gets them as variables. */
function withoutFunctions(statements, functions) {
  statements.filter(isBlockFunction).forEach(function (node) {
    functions.push(blockFunction(node));
  });
  return statements.filter(function (node) {
    return !isBlockFunction(node);
  });
}

handle([K.Block], function (node) {
  var functions = [];
  var rest;
  if (!node.statements.some(isBlockFunction)) return visitChildren(node);
  rest = withoutFunctions(node.statements, functions);
  return factory.updateBlock(
    node,
    functions.concat(ts.visitNodes(factory.createNodeArray(rest), visit).slice()),
  );
});

handle([K.SwitchStatement], function (node) {
  var functions = [];
  var clauses;
  var hasFunctions = node.caseBlock.clauses.some(function (clause) {
    return clause.statements.some(isBlockFunction);
  });
  if (!hasFunctions) return visitChildren(node);
  clauses = node.caseBlock.clauses.map(function (clause) {
    var rest = factory.createNodeArray(withoutFunctions(clause.statements, functions));
    return clause.kind === K.CaseClause
      ? factory.updateCaseClause(clause, visitOne(clause.expression), ts.visitNodes(rest, visit))
      : factory.updateDefaultClause(clause, ts.visitNodes(rest, visit));
  });
  var made = factory.updateSwitchStatement(
    node,
    visitOne(node.expression),
    factory.updateCaseBlock(node.caseBlock, clauses),
  );
  return block(functions.concat([made]));
});
