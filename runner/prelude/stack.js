/**
 * From the engine's traces to text that an owner understands: only frames of the owner's script, in the owner's
 * lines, as V8 writes them. Frames of the engine and of the prelude are left out.
 */
import { LAZY_LINES } from './lazy.js';

/** The file name under which worker code is compiled. */
var WORKER_FILE = 'worker.js';
var FRAME = /^ {4}at (.*?) ?\(([^()]*?):(\d+)\)/;

/** Gives `id:line` for a line of the package file with that number; set once there are any. */
var modulePlace = null;
var MODULE_PREFIX = 'module:';

var table = null;
var tableText = '';

/**
 * @param {string} lines "l1,l2,…": the owner's line of each generated line
 */
export function setLineTable(lines) {
  table = null;
  tableText = lines;
}

/** @param {function(number, number): string} place */
export function setModulePlace(place) {
  modulePlace = place;
}

/** @returns {number} the owner's line, or the same one without a table */
export function ownerLine(line) {
  if (table === null) table = tableText === '' ? [] : tableText.split(',');
  return +table[line - 1] || line;
}

function isOwnersEval(parts) {
  return (parts[2] === 'eval' || parts[2] === 'input') && +parts[3] < LAZY_LINES;
}

function mapFrame(frame) {
  var parts = FRAME.exec(frame);
  var name, place;
  if (parts === null) return '';
  if (parts[2] === WORKER_FILE) place = WORKER_FILE + ':' + ownerLine(+parts[3]);
  else if (modulePlace !== null && parts[2].indexOf(MODULE_PREFIX) === 0)
    place = modulePlace(+parts[2].slice(MODULE_PREFIX.length), +parts[3]);
  else if (isOwnersEval(parts)) place = 'eval:' + parts[3];
  else return '';
  name = parts[1];
  if (name === '[anon]' || name === 'body' || name === '') return '    at ' + place;
  return '    at ' + name + ' (' + place + ')';
}

/**
 * The trace of an object of an own error class begins inside its constructors; it is told from where they were called.
 * @returns {number} how many frames to leave out
 */
function constructorFrames(error, frames) {
  var count = 0;
  var names = [];
  for (var at = Object.getPrototypeOf(error); at !== null && names.length < 16; ) {
    var constructor = Object.getOwnPropertyDescriptor(at, 'constructor');
    if (constructor && typeof constructor.value === 'function') names.push(constructor.value.name);
    at = Object.getPrototypeOf(at);
  }
  while (count + 1 < frames.length && isConstructorFrame(frames[count + 1], names)) count++;
  return count;
}

function isScriptFrame(frame) {
  return frame.indexOf('(' + WORKER_FILE) >= 0 || frame.indexOf('(' + MODULE_PREFIX) >= 0;
}

function isConstructorFrame(frame, names) {
  var name = frame.slice(0, frame.indexOf(' '));
  // Between a class and the one it extends stand frames of the prelude.
  return !isScriptFrame(frame) || names.indexOf(name) >= 0;
}

/**
 * @param {*} error whose name and message make the first line
 * @param {string} raw the engine's text for it
 * @returns {string}
 */
export function mapStack(error, raw) {
  var text = headline(error);
  var frames = raw.split('\n    at ');
  var last = '';
  var mapped;
  for (var i = constructorFrames(error, frames) + 1; i < frames.length; i++) {
    mapped = mapFrame('    at ' + frames[i]);
    // A coroutine's function and what wraps it stand on the same line.
    if (mapped !== '' && mapped !== last) text += '\n' + mapped;
    last = mapped;
  }
  return text;
}

/** @returns {string} `Name: message` */
export function headline(error) {
  var name, message;
  try {
    name = error.name === undefined ? 'Error' : String(error.name);
    message = error.message === undefined ? '' : String(error.message);
  } catch (failure) {
    return 'Error';
  }
  if (name === '') return message;
  return message === '' ? name : name + ': ' + message;
}

/** @returns {number} the owner's line of the first frame of a mapped stack, 0 if there is none */
export function lineOfStack(stack) {
  var parts = /\n {4}at [^\n]*worker\.js:(\d+)/.exec(stack);
  return parts === null ? 0 : +parts[1];
}
