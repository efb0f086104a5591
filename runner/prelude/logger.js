/** `logger` and `console`: both end in host.log. */
import { methods, hide } from './install.js';
import { formatList, fieldsOf } from './format.js';
import { lazyMethods } from './lazy.js';
import loadConsole from './console.js?lazy';

export var LEVELS = { debug: 0, info: 1, warn: 2, error: 3 };
var host = null;
var leastLevel = LEVELS.info;
var indent = '';

/** @param {string|number} level below which lines are not sent */
export function setLogLevel(level) {
  if (typeof level === 'number') leastLevel = level;
  else if (LEVELS[level] !== undefined) leastLevel = LEVELS[level];
}

/** @param {string} text what groups put before each line */
export function setIndent(text) {
  indent = text;
}

/** Sends one line made of a log call's arguments. */
export function send(level, list) {
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

function consoleMethods() {
  return loadConsole().consoleMethods;
}

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
  hide(console, 'log', console.info);
  lazyMethods(console, consoleMethods, {
    trace: 0,
    dir: 0,
    table: 1,
    assert: 0,
    count: 0,
    countReset: 0,
    time: 0,
    timeLog: 0,
    timeEnd: 0,
    group: 0,
    groupCollapsed: 0,
    groupEnd: 0,
  });
  hide(global, 'logger', Object.freeze(logger));
  hide(global, 'console', console);
}
