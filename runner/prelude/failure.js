/** What the supervisor learns of an error: enough for the policy's class (RULES 16) and for the owner's log. */
import { headline, lineOfStack } from './stack.js';

/** Ancestors looked at; a prototype chain of a script can be endless with a proxy in it. */
var MAX_ANCESTORS = 16;
var MAX_MESSAGE = 4096;
var MAX_STACK = 8192;

function nameOf(error) {
  return typeof error.name === 'string' && error.name !== '' ? error.name : 'Error';
}

/** Names of the classes that the error's class extends, nearest first, its own included. */
function ancestorsOf(error) {
  var names = [];
  var at = Object.getPrototypeOf(error);
  for (var i = 0; at !== null && at !== Object.prototype && i < MAX_ANCESTORS; i++) {
    var constructor = Object.getOwnPropertyDescriptor(at, 'constructor');
    var own = constructor && typeof constructor.value === 'function' ? constructor.value.name : '';
    if (typeof own === 'string' && own !== '' && names.indexOf(own) < 0) names.push(own);
    own = Object.getOwnPropertyDescriptor(at, 'name');
    if (own && typeof own.value === 'string' && own.value !== '' && names.indexOf(own.value) < 0)
      names.push(own.value);
    at = Object.getPrototypeOf(at);
  }
  return names;
}

function describeValue(value) {
  var text;
  try {
    text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  } catch (error) {
    text = Object.prototype.toString.call(value);
  }
  return 'Uncaught ' + (typeof value === 'string' ? "'" + value + "'" : text);
}

function causes(error) {
  var text = '';
  var cause = error.cause;
  for (var i = 0; i < 4 && cause instanceof Error; i++) {
    text += '\nCaused by: ' + cause.stack;
    cause = cause.cause;
  }
  return text;
}

function describe(error) {
  var message, stack;
  if (error === null || (typeof error !== 'object' && typeof error !== 'function')) {
    message = describeValue(error).slice(0, MAX_MESSAGE);
    return { name: 'Error', ancestors: [], message: message, stack: 'Error: ' + message, line: 0 };
  }
  message = error.message === undefined ? describeValue(error) : String(error.message);
  stack = typeof error.stack === 'string' ? error.stack + causes(error) : headline(error);
  return {
    name: nameOf(error),
    ancestors: ancestorsOf(error),
    message: message.slice(0, MAX_MESSAGE),
    stack: stack.slice(0, MAX_STACK),
    line: lineOfStack(stack),
  };
}

/**
 * @param {*} error anything that was thrown
 * @returns {{name: string, ancestors: string[], message: string, stack: string, line: number}}
 */
export function describeFailure(error) {
  try {
    return describe(error);
  } catch (failure) {
    // A getter or proxy of the script's own failed while we looked.
    return {
      name: 'Error',
      ancestors: [],
      message: 'an error that cannot be read',
      stack: 'Error',
      line: 0,
    };
  }
}
