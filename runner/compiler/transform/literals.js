/** Tagged templates, regular expressions beyond the engine's, and catch clauses without a variable. */
import ts from 'typescript';
import { handle, visit, visitChildren, visitList, visitOne } from './visitor.js';
import {
  assign,
  at,
  block,
  call,
  factory,
  identifier,
  statement,
  text,
  variable,
  declaration,
} from './nodes.js';
import { uniqueName } from '../scope.js';

var K = ts.SyntaxKind;

/** The array of template objects, one per place in the text, that lives as long as the script; see wrapper.js. */
export var TEMPLATES = '__templates';
var templateCount = 0;

export function startTemplates() {
  templateCount = 0;
}

function rawText(piece) {
  var source = ts.getTextOfNodeFromSourceText(ts.getSourceFileOfNode(piece).text, piece);
  var isLast = piece.kind === K.NoSubstitutionTemplateLiteral || piece.kind === K.TemplateTail;
  return source.substring(1, source.length - (isLast ? 1 : 2)).replace(/\r\n?/g, '\n');
}

function cookedText(piece) {
  return piece.templateFlags ? factory.createVoidZero() : text(piece.text);
}

handle([K.TaggedTemplateExpression], function (node) {
  var template = node.template;
  var pieces = [template];
  var values = [];
  var site = factory.createElementAccessExpression(identifier(TEMPLATES), templateCount++);
  if (template.kind === K.TemplateExpression) {
    pieces = [template.head];
    template.templateSpans.forEach(function (span) {
      values.push(visitOne(span.expression));
      pieces.push(span.literal);
    });
  }
  var made = call('__makeTemplateObject', [
    factory.createArrayLiteralExpression(pieces.map(cookedText)),
    factory.createArrayLiteralExpression(
      pieces.map(function (piece) {
        return text(rawText(piece));
      }),
    ),
  ]);
  var object = factory.createLogicalOr(
    site,
    factory.createParenthesizedExpression(assign(site, made)),
  );
  return at(call(visitOne(node.tag), [object].concat(values)), node);
});

handle([K.ObjectLiteralExpression], function (node) {
  var prototype = node.amidPrototype;
  if (prototype === undefined) return visitChildren(node);
  var rest = node.properties.filter(function (property) {
    return property !== prototype;
  });
  var made = factory.updateObjectLiteralExpression(node, visitList(factory.createNodeArray(rest)));
  return at(call('__withPrototype', [made, visitOne(prototype.initializer)]), node);
});

handle([K.RegularExpressionLiteral], function (node) {
  var slash = node.text.lastIndexOf('/');
  return at(
    call('__regexp', [text(node.text.slice(1, slash)), text(node.text.slice(slash + 1))]),
    node,
  );
});

/** RULES 26: `error` is the caught value where nothing around declares or assigns that name. */
function mayBindError(scope, analysis) {
  if (analysis.assignsGlobalError) return false;
  for (var at = scope; at !== undefined; at = at.parent)
    if (at.names.error !== undefined) return false;
  return true;
}

var analysis;

export function startCatches(current) {
  analysis = current;
  if (!analysis.hasBareCatch) return;
  analysis.assignsGlobalError = analysis.globals.some(function (reference) {
    return reference.isWrite && reference.node.escapedText === 'error';
  });
}

handle([K.CatchClause], function (node) {
  var variableDeclaration = visitOne(node.variableDeclaration);
  var body = visitOne(node.block);
  var isInGenerator = enclosingFunction(node).isGenerator;
  if (variableDeclaration === undefined) {
    var name = mayBindError(node.amidScope, analysis) ? 'error' : uniqueName('error');
    variableDeclaration = declaration(name);
  }
  if (isInGenerator) {
    if (variableDeclaration.name.kind !== K.Identifier) {
      var caught = uniqueName('caught');
      body = factory.updateBlock(
        body,
        [variable(variableDeclaration.name, identifier(caught), ts.NodeFlags.Let)].concat(
          body.statements.slice(),
        ),
      );
      variableDeclaration = declaration(caught);
    }
    body = factory.updateBlock(
      body,
      [statement(call('__passReturn', [identifier(ts.idText(variableDeclaration.name))]))].concat(
        body.statements.slice(),
      ),
    );
  }
  return factory.updateCatchClause(node, variableDeclaration, body);
});

function enclosingFunction(node) {
  while (node.amidFunction === undefined) node = node.parent;
  return node.amidFunction;
}

export { visit, visitChildren, visitList, block };
