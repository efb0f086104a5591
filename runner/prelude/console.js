/** The members of `console` beyond the levels. */
import { formatList, toLine } from './format.js';
import { send, setIndent, LEVELS } from './logger.js';
import { turnClock } from './timers.js';

var indent = '';
var counts = Object.create(null);
var started = Object.create(null);

function labelOf(label) {
  return label === undefined ? 'default' : String(label);
}

function elapsed(label) {
  var ms = turnClock() - started[label];
  return label + ': ' + (ms >= 1000 ? (ms / 1000).toFixed(3) + 's' : ms.toFixed(3) + 'ms');
}

export var consoleMethods = {
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
    started[labelOf(label)] = turnClock();
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
    setIndent(indent);
  },
  groupCollapsed() {
    consoleMethods.group.apply(this, arguments);
  },
  groupEnd() {
    indent = indent.slice(2);
    setIndent(indent);
  },
};
