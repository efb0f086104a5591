/**
 * The first pass over the owner's tree, before TypeScript's own transformers. Each module of this folder adds handlers
 * for kinds of nodes; subtrees in which the analysis marked nothing are left as they are.
 */
import ts from 'typescript';

var handlers = [];
var context;

/** Registers a handler: node → node, array of nodes or undefined. It visits the children itself. */
export function handle(kinds, handler) {
  for (var i = 0; i < kinds.length; i++) handlers[kinds[i]] = handler;
}

export function visit(node) {
  var handler;
  if (!node.amidDirty) return node;
  handler = handlers[node.kind];
  return handler === undefined ? ts.visitEachChild(node, visit, context) : handler(node);
}

export function visitChildren(node) {
  return ts.visitEachChild(node, visit, context);
}

export function visitList(nodes) {
  return ts.visitNodes(nodes, visit);
}

export function visitOne(node) {
  return node === undefined ? undefined : ts.visitNode(node, visit);
}

/** A transformer factory as ts.transformNodes takes it. */
export function ownersTransformer(transformationContext) {
  context = transformationContext;
  return function (file) {
    return visitChildren(file);
  };
}
