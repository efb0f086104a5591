/**
 * The engine's error messages in the words that JavaScript's users know from V8, as far as the engine tells what is
 * needed for them. Applied to every error at its creation.
 */
import loadWordings from './wordings.js?lazy';

/** What the engine calls with each new error. */
function improve(error) {
  var message = error.message;
  if (message === 'alloc failed') {
    error.message = OUT_OF_MEMORY;
  } else if (typeof message === 'string' && message.length < 200 && isEngineWord(message)) {
    message = loadWordings().reword(message);
    if (message !== error.message) error.message = message;
  }
  return error;
}

/** Scripts' own messages mostly do not begin or end like the engine's; this spares them the patterns. */
function isEngineWord(message) {
  if (message.indexOf(' is not ') >= 0) return false;
  return /^(?:cannot|identifier|function|object|not|invalid|callstack|C stack|Invalid Date)|(?:able|\))$/.test(
    message,
  );
}

var OUT_OF_MEMORY = 'Out of memory: the limit of this worker is reached';

/** @param {object} Duktape the engine's own global */
export function installMessages(Duktape) {
  Duktape.errCreate = improve;
}
