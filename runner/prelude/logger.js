/** `logger` and `console`: both end in host.log. */
import { methods, hide } from './install.js';
import { formatList, fieldsOf, toLine } from './format.js';

var LEVELS = { debug: 0, info: 1, warn: 2, error: 3 };
var host = null;
var leastLevel = LEVELS.info;
var indent = '';
var counts = Object.create(null);
var started = Object.create(null);

/** @param {string|number} level below which lines are not sent */
export function setLogLevel(level) {
  if (typeof level === 'number') leastLevel = level;
  else if (LEVELS[level] !== undefined) leastLevel = LEVELS[level];
}

function send(level, list) {
  var text;
  if (level < leastLevel) return;
  text = formatList(list);
  if (indent !== '') text = indent + text.replace(/\n/g, '\n' + indent);
  host.log(level, text, fieldsOf(list));
}

var loggerMethods = {
  debug() {
    send(LEVELS.debug, arguments);
  },
  info() {
    send(LEVELS.info, arguments);
  },
  warn() {
    send(LEVELS.warn, arguments);
  },
  error() {
    send(LEVELS.error, arguments);
  },
};

function labelOf(label) {
  return label === undefined ? 'default' : String(label);
}

function elapsed(label) {
  var ms = host.mono() - started[label];
  return label + ': ' + (ms >= 1000 ? (ms / 1000).toFixed(3) + 's' : ms.toFixed(3) + 'ms');
}

var consoleMethods = {
  log() {
    send(LEVELS.info, arguments);
  },
  trace() {
    var text = formatList(arguments);
    var stack = new Error().stack.split('\n').slice(1);
    send(LEVELS.error, [['Trace' + (text === '' ? '' : ': ' + text)].concat(stack).join('\n')]);
  },
  dir(value) {
    send(LEVELS.info, [value]);
  },
  table(value) {
    send(LEVELS.info, [typeof value === 'object' ? toLine(value) : value]);
  },
  assert(condition) {
    if (condition) return;
    var text = formatList(Array.prototype.slice.call(arguments, 1));
    send(LEVELS.error, ['Assertion failed' + (text === '' ? '' : ': ' + text)]);
  },
  count(label) {
    label = labelOf(label);
    counts[label] = (counts[label] || 0) + 1;
    send(LEVELS.info, [label + ': ' + counts[label]]);
  },
  countReset(label) {
    delete counts[labelOf(label)];
  },
  time(label) {
    started[labelOf(label)] = host.mono();
  },
  timeLog(label) {
    label = labelOf(label);
    if (started[label] !== undefined) {
      send(LEVELS.info, [elapsed(label)].concat(Array.prototype.slice.call(arguments, 1)));
    }
  },
  timeEnd(label) {
    label = labelOf(label);
    if (started[label] !== undefined) send(LEVELS.info, [elapsed(label)]);
    delete started[label];
  },
  group() {
    if (arguments.length > 0) send(LEVELS.info, arguments);
    indent += '  ';
  },
  groupEnd() {
    indent = indent.slice(2);
  },
};

/**
 * @param {object} global
 * @param {object} functions the host's
 */
export function installLogger(global, functions) {
  var logger = {};
  var console = {};
  host = functions;
  methods(logger, loggerMethods);
  methods(console, loggerMethods);
  methods(console, consoleMethods);
  methods(console, { groupCollapsed: consoleMethods.group });
  hide(global, 'logger', Object.freeze(logger));
  hide(global, 'console', console);
}

/** What groups, counters and stopwatches an ended iteration left is dropped. */
export function resetConsole() {
  indent = '';
  counts = Object.create(null);
  started = Object.create(null);
}
