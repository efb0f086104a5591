/**
 * `for … of` and `for await … of` become a loop over a cursor of the runtime:
 *
 *   const c = __cursor(iterable);
 *   try { while (c.next()) { const x = c.value; … } } catch (e) { c.fail(e); } finally { c.close(); }
 *
 * `close` ends an iterator that is left early, `fail` one that an error leaves. Arrays are walked without iterator.
 */
import ts from 'typescript';
import { handle, visitChildren, visitOne } from './visitor.js';
import {
  assign,
  at,
  block,
  call,
  callMember,
  declaration,
  factory,
  identifier,
  member,
  standFor,
  statement,
  text,
  variables,
} from './nodes.js';
import { uniqueName } from '../scope.js';

var K = ts.SyntaxKind;

function element(node, value) {
  var initializer = visitOne(node.initializer);
  if (initializer.kind !== K.VariableDeclarationList)
    return at(statement(assign(initializer, value)), node.initializer);
  var first = initializer.declarations[0];
  return at(
    factory.createVariableStatement(
      undefined,
      factory.updateVariableDeclarationList(initializer, [
        factory.updateVariableDeclaration(first, first.name, undefined, undefined, value),
      ]),
    ),
    node.initializer,
  );
}

/** The body with `value` taken over by the loop's variable first. */
function loopBody(node, value) {
  var body = visitOne(node.statement);
  var head = element(node, value);
  if (body.kind !== K.Block) return at(block([head, body]), node.statement);
  return at(block([head].concat(body.statements.slice())), node.statement);
}

/** @param {ts.Identifier[]} labels the innermost first */
function withLabels(statement, labels) {
  return labels.reduce(function (inner, label) {
    return factory.createLabeledStatement(label, inner);
  }, statement);
}

/** What error messages call the iterable, where that is a plain chain of names. */
function shownName(node) {
  if (node.kind === K.Identifier) return ts.idText(node);
  if (node.kind === K.ThisKeyword) return 'this';
  if (node.kind !== K.PropertyAccessExpression || node.name.kind !== K.Identifier) return undefined;
  var object = shownName(node.expression);
  return object === undefined ? undefined : object + '.' + ts.idText(node.name);
}

function makeCursor(node) {
  var shown = shownName(node.expression);
  var args = [visitOne(node.expression)];
  if (shown !== undefined) args.push(text(shown));
  return at(call(node.awaitModifier ? '__asyncCursor' : '__cursor', args), node.expression);
}

function forOf(node, labels) {
  var cursor = uniqueName('cursor');
  var error = uniqueName('error');
  var loop = standFor(
    factory.createWhileStatement(
      callMember(cursor, 'next', []),
      loopBody(node, member(cursor, 'value')),
    ),
    node,
  );
  loop = withLabels(loop, labels);
  return at(
    block([
      at(
        factory.createVariableStatement(
          undefined,
          variables([declaration(cursor, makeCursor(node))], ts.NodeFlags.None),
        ),
        node.expression,
      ),
      factory.createTryStatement(
        block([loop]),
        factory.createCatchClause(
          declaration(error),
          block([statement(callMember(cursor, 'fail', [identifier(error)]))]),
        ),
        block([statement(callMember(cursor, 'close', []))]),
      ),
    ]),
    node,
  );
}

handle([K.ForOfStatement], function (node) {
  return forOf(node, []);
});

/** A pattern in the head of `for … in` takes each key apart in the body; the pass to ES5 does not know it. */
handle([K.ForInStatement], function (node) {
  var initializer = node.initializer;
  var isList = initializer.kind === K.VariableDeclarationList;
  var target = isList ? initializer.declarations[0].name : initializer;
  var key;
  if (
    target.kind === K.Identifier ||
    (!isList &&
      target.kind !== K.ArrayLiteralExpression &&
      target.kind !== K.ObjectLiteralExpression)
  ) {
    return visitChildren(node);
  }
  key = uniqueName('key');
  return factory.updateForInStatement(
    node,
    variables([declaration(key)], ts.NodeFlags.Const),
    visitOne(node.expression),
    loopBody(node, identifier(key)),
  );
});

handle([K.LabeledStatement], function (node) {
  var labels = [];
  var inner = node;
  while (inner.kind === K.LabeledStatement) {
    labels.unshift(inner.label);
    inner = inner.statement;
  }
  if (inner.kind === K.ForOfStatement) return forOf(inner, labels);
  if (inner.kind !== K.TryStatement) return visitChildren(node);
  // The engine loses a break out of a try statement that bears the label itself.
  return withLabels(block([visitOne(inner)]), labels);
});
