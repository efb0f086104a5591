/**
 * Cuts TypeScript's single-file build down to what runner/compiler/ uses: scanner, parser, node factory, the
 * transformers to ES5 and the printer. Two steps: whole regions (each module of TypeScript is one `var ts;` region) are
 * chosen by a marker in their text, then every function, enum and constant that nothing reachable mentions is left out.
 * A marker that is not found, or found twice, fails the build: another TypeScript version needs a new look.
 */
import ts from "typescript";

/** One line per region that stays: a definition that only this region has. */
const REGION_MARKERS = [
  'ts.versionMajorMinor = "4.9"',
  "function getIterator(iterable)",
  "(Debug = ts.Debug || (ts.Debug = {}))",
  "(performance = ts.performance || (ts.performance = {}))",
  "ts.timestamp = ",
  "ts.OperationCanceledException = OperationCanceledException",
  "ts.isAnyDirectorySeparator = isAnyDirectorySeparator",
  "ts.Diagnostics = {",
  "ts.createScanner = createScanner",
  "ts.isExternalModuleNameRelative = isExternalModuleNameRelative",
  "ts.getDeclarationOfKind = getDeclarationOfKind",
  "ts.createBaseNodeFactory = createBaseNodeFactory",
  "ts.createParenthesizerRules = createParenthesizerRules",
  "ts.createNodeConverters = createNodeConverters",
  "ts.createNodeFactory = createNodeFactory",
  "ts.getOrCreateEmitNode = getOrCreateEmitNode",
  "ts.createEmitHelperFactory = createEmitHelperFactory",
  "ts.isNumericLiteral = isNumericLiteral",
  "ts.createEmptyExports = createEmptyExports",
  "function setTextRange(range, location)",
  "ts.createSourceFile = createSourceFile",
  "ts.visitEachChild = visitEachChild",
  "ts.getOriginalNodeId = getOriginalNodeId",
  "ts.flattenDestructuringAssignment = flattenDestructuringAssignment",
  "ts.processTaggedTemplateExpression = processTaggedTemplateExpression",
  "ts.transformTypeScript = transformTypeScript",
  "ts.transformClassFields = transformClassFields",
  "ts.transformES2018 = transformES2018",
  "ts.transformES2019 = transformES2019",
  "ts.transformES2020 = transformES2020",
  "ts.transformES2021 = transformES2021",
  "ts.transformES2015 = transformES2015",
  "ts.transformNodes = transformNodes",
  "ts.createPrinter = createPrinter",
];

/** Regions that must not be mistaken for one of the above; their absence says that the file is cut differently. */
const CUT_MARKERS = [
  "ts.createTypeChecker = createTypeChecker",
  "ts.createProgram = createProgram",
  "ts.transpileModule = transpileModule",
];

/** What the kept code mentions but never reaches with our options, and what it can do without. */
const ABSENT = new Set(
  [
    "Version VersionRange CheckMode SignatureCheckMode TypeFacts sys tracing createRuntimeTypeSerializer",
    "isInstantiatedModule getNodeId parseConfigFileTextToJson createSuperAccessVariableStatement perfLogger",
    "convertToObjectWorker isInternalDeclaration tryParseRawSourceMap",
  ].flatMap((line) => line.split(" ").map((name) => `ts.${name}`)),
);

/** Hooks for measuring that the parser calls unasked, and the one small function wanted from the type checker. */
const STUBS = `
ts.perfLogger = { logStartParseSourceFile: ts.noop, logStopParseSourceFile: ts.noop };
var nextNodeId = 1;
ts.getNodeId = function (node) {
  if (!node.id) node.id = nextNodeId++;
  return node.id;
};`;

function splitRegions(source) {
  const starts = [...source.matchAll(/^var ts;\n/gm)].map((match) => match.index);
  if (starts.length === 0) {
    throw new Error("typescript.js has no `var ts;` regions: not the build this script knows");
  }
  const regions = starts.map((start, i) => source.slice(start, starts[i + 1] ?? source.length));
  return { head: source.slice(0, starts[0]), regions };
}

function regionWith(regions, marker) {
  const found = regions.filter((region) => region.includes(marker));
  if (found.length !== 1) {
    throw new Error(`typescript.js: ${found.length} regions contain "${marker}", expected exactly one`);
  }
  return found[0];
}

/** Names that a node mentions: bare identifiers, and `ts.name` as "ts.name". */
function mentionedNames(node) {
  const names = new Set();
  (function walk(current) {
    if (
      ts.isPropertyAccessExpression(current) &&
      ts.isIdentifier(current.expression) &&
      current.expression.text === "ts"
    ) {
      names.add(`ts.${current.name.text}`);
      return;
    }
    if (ts.isPropertyAccessExpression(current)) {
      walk(current.expression);
      return;
    }
    if (ts.isIdentifier(current)) names.add(current.text);
    ts.forEachChild(current, walk);
  })(node);
  return names;
}

/** `ts.name = …` → "name" */
function exportedName(expression) {
  return ts.isBinaryExpression(expression) &&
    expression.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isPropertyAccessExpression(expression.left) &&
    expression.left.expression.getText() === "ts"
    ? expression.left.name.text
    : undefined;
}

/** The names under which an enum or namespace function is called: `(X = ts.X || (ts.X = {}))`, `(X || (X = {}))`. */
function namespaceNames(expression) {
  if (!ts.isCallExpression(expression) || !ts.isParenthesizedExpression(expression.expression)) return undefined;
  const argument = expression.arguments[0]?.getText() ?? "";
  const match = /^(\w+) = ts\.(\w+) \|\| \(ts\.\2 = \{\}\)$/.exec(argument);
  if (match) return [match[1], `ts.${match[2]}`];
  const local = /^(\w+) \|\| \(\1 = \{\}\)$/.exec(argument);
  return local ? [local[1]] : undefined;
}

/** What a statement defines, or undefined when it has to stay whatever is used. */
function definedNames(statement) {
  if (ts.isFunctionDeclaration(statement)) return [statement.name.text];
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((declaration) => declaration.name.getText());
  }
  if (ts.isExpressionStatement(statement)) {
    const name = exportedName(statement.expression);
    return name === undefined ? namespaceNames(statement.expression) : [`ts.${name}`];
  }
  return undefined;
}

/** The statements inside every region's function, with what each defines and mentions. */
function collectItems(file) {
  const items = [];
  file.statements.forEach((statement, region) => {
    const call = ts.isExpressionStatement(statement) && statement.expression;
    if (!call || !ts.isCallExpression(call)) return;
    for (const inner of call.expression.expression.body.statements) {
      const names = definedNames(inner);
      items.push({
        node: inner,
        names: names?.map((name) => (name.startsWith("ts.") ? name : `${region}:${name}`)),
        uses: [...mentionedNames(inner)].map((name) => (name.startsWith("ts.") ? name : `${region}:${name}`)),
      });
    }
  });
  return items;
}

function reachableItems(items, roots) {
  const definers = new Map();
  for (const item of items) {
    for (const name of item.names ?? []) definers.set(name, [...(definers.get(name) ?? []), item]);
  }
  const reached = new Set();
  const pending = items.filter((item) => item.names === undefined);
  const seen = new Set();
  const want = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    pending.push(...(definers.get(name) ?? []));
    if (name.startsWith("ts.") && !definers.has(name) && !ABSENT.has(name)) {
      throw new Error(`typescript.js: ${name} is used but was cut away`);
    }
  };
  for (const root of roots) {
    if (!definers.has(`ts.${root}`)) throw new Error(`typescript.js does not define ts.${root}`);
    want(`ts.${root}`);
  }
  while (pending.length > 0) {
    const item = pending.pop();
    if (reached.has(item)) continue;
    reached.add(item);
    item.uses.forEach(want);
  }
  return reached;
}

/** ts.Diagnostics has two thousand messages; the parser needs a tenth of them. */
function shrinkDiagnostics(text) {
  const start = text.indexOf("ts.Diagnostics = {");
  const end = text.indexOf("\n    };", start);
  if (start < 0 || end < 0) throw new Error("typescript.js: the table of messages is not where it was");
  const used = new Set([...text.matchAll(/\bDiagnostics\.(\w+)/g)].map((match) => match[1]));
  const lines = text.slice(start, end).split("\n");
  const kept = lines.filter((line, i) => i === 0 || used.has(/^\s*(\w+): diag\(/.exec(line)?.[1]));
  return text.slice(0, start) + kept.join("\n") + text.slice(end);
}

function replaceOnce(text, old, wanted) {
  if (text.split(old).length !== 2) throw new Error(`typescript.js: "${old}" is not there exactly once`);
  return text.replace(old, () => wanted);
}

/** Replaces the body of one function; `head` is its first line. */
function replaceBody(text, head, body) {
  const start = text.indexOf(head);
  if (start < 0 || text.indexOf(head, start + 1) >= 0) throw new Error(`typescript.js: "${head}" is not there exactly once`);
  const indent = /\n( *)[^\n]*$/.exec(text.slice(0, start) + "x")[1];
  const end = text.indexOf(`\n${indent}}`, start);
  return `${text.slice(0, start)}${head}\n${indent}    ${body}${text.slice(end)}`;
}

/**
 * The printer's source map would translate every offset into line and column; one offset per printed line is enough for
 * the line table. JSDoc comments are nothing to a compiler of scripts, and parsing them costs time.
 */
function patchFunctions(text) {
  let patched = replaceBody(
    text,
    "function emitPos(pos) {",
    "if (!sourceMapsDisabled && !ts.positionIsSynthesized(pos)) sourceMapGenerator.addPosition(writer.getLine(), pos);",
  );
  // An accessor under a computed name of an object literal is enumerable; classes do not come here.
  patched = replaceOnce(
    patched,
    'createPropertyAssignment("enumerable", getAccessor || setAccessor ? factory.createFalse() : factory.createTrue())',
    'createPropertyAssignment("enumerable", factory.createTrue())',
  );
  // ES2019 lets U+2028 and U+2029 stand in string literals.
  patched = replaceOnce(
    patched,
    "if (isLineBreak(ch) && !jsxAttributeString) {",
    "if ((ch === 10 || ch === 13) && !jsxAttributeString) {",
  );
  patched = replaceBody(patched, "function addJSDocComment(node) {", "return node;");
  return patched;
}

/**
 * @param {string} source text of typescript.js
 * @param {string[]} roots names of `ts.` that the compiler's own modules use
 * @returns {string} an ES5 program that defines `ts`
 */
export function pruneTypescript(source, roots) {
  const { head, regions } = splitRegions(source.replaceAll("\r\n", "\n"));
  for (const marker of CUT_MARKERS) regionWith(regions, marker);
  const wanted = new Set(REGION_MARKERS.map((marker) => regionWith(regions, marker)));
  const helpers = head.slice(head.indexOf("var __spreadArray"));
  const text = patchFunctions(regions.filter((region) => wanted.has(region)).join(""));
  const file = ts.createSourceFile("typescript.js", text, ts.ScriptTarget.ES5, true);
  const items = collectItems(file);
  const reached = reachableItems(items, roots);
  const cuts = items.filter((item) => !reached.has(item)).map((item) => [item.node.getFullStart(), item.node.end]);
  let pruned = "";
  let position = 0;
  for (const [start, end] of cuts) {
    pruned += text.slice(position, start);
    position = end;
  }
  pruned += text.slice(position);
  return `${helpers}\n${shrinkDiagnostics(pruned)}\n${STUBS}`;
}
