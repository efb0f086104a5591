/** Transforms and prints one analysed file, and notes which line of the owner's text each printed line comes from. */
import ts from 'typescript';
import { createResolver } from './resolver.js';
import { enums } from './enums.js';
import { TRANSFORMERS, startTransform } from './transform/index.js';

export var OPTIONS = {
  target: ts.ScriptTarget.ES5,
  module: ts.ModuleKind.None,
  downlevelIteration: true,
  noEmitHelpers: true,
  isolatedModules: true,
  preserveConstEnums: true,
  useDefineForClassFields: true,
  removeComments: true,
  newLine: ts.NewLineKind.LineFeed,
};

var HOST = {
  getCompilerOptions: function () {
    return OPTIONS;
  },
};

/** Takes the place of a source map: the first place in the owner's text that each printed line has. */
function LineTable() {
  this.positions = [];
}
LineTable.prototype.addSource = function () {
  return 0;
};
LineTable.prototype.setSourceContent = function () {};
/** The printer hands over the bare offset; see runner/build/typescript.mjs. */
LineTable.prototype.addPosition = function (line, position) {
  if (this.positions[line] === undefined) this.positions[line] = position;
};

/** Indentation would only make what every start of the worker loads a third longer. */
function flatWriter() {
  var writer = ts.createTextWriter('\n');
  writer.increaseIndent = writer.decreaseIndent = function () {};
  return writer;
}

/** @returns {{code: string, positions: number[]}} positions are offsets in the file's text, undefined where unknown */
export function emitFile(file, analysis) {
  var resolver = createResolver(enums);
  var table = new LineTable();
  var writer = flatWriter();
  var transformed, printer;
  startTransform(analysis);
  transformed = ts.transformNodes(resolver, HOST, ts.factory, OPTIONS, [file], TRANSFORMERS, false);
  printer = ts.createPrinter(
    {
      removeComments: true,
      newLine: OPTIONS.newLine,
      noEmitHelpers: true,
      module: OPTIONS.module,
      target: OPTIONS.target,
    },
    {
      hasGlobalName: resolver.hasGlobalName,
      onEmitNode: transformed.emitNodeWithNotification,
      isEmitNotificationEnabled: transformed.isEmitNotificationEnabled,
      substituteNode: transformed.substituteNode,
    },
  );
  printer.writeFile(transformed.transformed[0], writer, table);
  return { code: writer.getText(), positions: table.positions };
}
