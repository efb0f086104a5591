/**
 * The text that is stored as raw.script: the owner's tokens exactly, without comments and without white space that no
 * token needs. Where a line break ended a statement (or a class field, or a type member) a `;` takes its place.
 */
import ts from 'typescript';
import { PREFIX } from './wrapper.js';

var K = ts.SyntaxKind;

/** Kinds that end with a `;` which a line break, `}` or the end of the text may stand for. */
var ENDS_WITH_SEMICOLON = [];
[
  K.VariableStatement,
  K.ExpressionStatement,
  K.DoStatement,
  K.ContinueStatement,
  K.BreakStatement,
  K.ReturnStatement,
  K.ThrowStatement,
  K.DebuggerStatement,
  K.PropertyDeclaration,
  K.PropertySignature,
  K.MethodSignature,
  K.CallSignature,
  K.ConstructSignature,
  K.IndexSignature,
  K.TypeAliasDeclaration,
  K.ImportDeclaration,
].forEach(function (kind) {
  ENDS_WITH_SEMICOLON[kind] = true;
});

/** Kinds that do so when they have no body: overloads and `declare` forms. */
var ENDS_WITHOUT_BODY = [];
[K.FunctionDeclaration, K.MethodDeclaration, K.Constructor, K.GetAccessor, K.SetAccessor].forEach(
  function (kind) {
    ENDS_WITHOUT_BODY[kind] = true;
  },
);

function noteEnd(places, node, text) {
  var last;
  if (!ENDS_WITH_SEMICOLON[node.kind] && !(ENDS_WITHOUT_BODY[node.kind] && node.body === undefined))
    return;
  last = text.charCodeAt(node.end - 1);
  if (last !== 0x3b && last !== 0x2c) places.ends[node.end] = true;
}

/** Where statements end without a `;`, and where the scanner has to be told what a `/` or `}` is. */
function notePlaces(file) {
  var places = { ends: Object.create(null), rescans: Object.create(null) };
  (function walk(node) {
    noteEnd(places, node, file.text);
    if (node.kind === K.RegularExpressionLiteral)
      places.rescans[node.end - node.text.length] = node.end;
    else if (node.kind === K.TemplateMiddle || node.kind === K.TemplateTail) {
      places.rescans[ts.skipTrivia(file.text, node.pos)] = node.end;
    }
    ts.forEachChild(node, walk);
  })(file);
  return places;
}

function isWordCode(code) {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    code === 0x24 ||
    code === 0x5c ||
    code === 0x23 ||
    code === 0x40 ||
    code >= 0x80
  );
}

var OPERATORS = '+-*/%<>=!&|^?.:~';

/** Whether two tokens that were apart in the source would read differently side by side. */
function mustStayApart(before, after) {
  var last = before.charCodeAt(before.length - 1);
  var first = after.charCodeAt(0);
  var lastChar = before.charAt(before.length - 1);
  var firstChar = after.charAt(0);
  if (isWordCode(last) && isWordCode(first)) return true;
  if (firstChar === '.' && /^\d/.test(before)) return true;
  if (lastChar === '.' && isWordCode(first) && /^\d/.test(before)) return true;
  if (lastChar === '?' && firstChar === '.') return true;
  if (lastChar === '/' && isWordCode(first) && before.length > 1) return true;
  return (
    OPERATORS.indexOf(lastChar) >= 0 &&
    OPERATORS.indexOf(firstChar) >= 0 &&
    joinsOperators(before, after)
  );
}

function joinsOperators(before, after) {
  var last = before.charAt(before.length - 1);
  var first = after.charAt(0);
  if (last === first) return true;
  if (first === '=' || last === '=') return last !== '=' || first === '=' || first === '>';
  if (last === '/' || first === '/') return true;
  if (last === '<' && first === '!') return true;
  if (last === '-' && first === '>') return true;
  return false;
}

/**
 * @param {ts.SourceFile} file the parsed, wrapped text
 * @param {string} source the owner's text
 * @returns {string}
 */
export function minify(file, source) {
  var places = notePlaces(file);
  var limit = PREFIX.length + source.length;
  var scanner = ts.createScanner(
    ts.ScriptTarget.ES2022,
    true,
    ts.LanguageVariant.Standard,
    file.text,
    undefined,
    PREFIX.length,
    source.length,
  );
  var parts = [];
  var before = '';
  var beforeEnd = PREFIX.length;
  for (;;) {
    var kind = scanner.scan();
    var start = scanner.getTokenPos();
    if (kind === K.EndOfFileToken || start >= limit) break;
    var end = places.rescans[start];
    if (end === undefined) end = scanner.getTextPos();
    else scanner.setTextPos(end);
    var token = file.text.substring(start, end);
    if (places.ends[beforeEnd] && before !== '' && token !== '}') parts.push(';');
    else if (start > beforeEnd && before !== '' && mustStayApart(before, token)) parts.push(' ');
    parts.push(token);
    before = token;
    beforeEnd = end;
  }
  return parts.join('');
}
