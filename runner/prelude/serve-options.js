/** What Deno.serve is given beside its handler. */
import { namedError } from './error.js';
import loadAbort from './web/abort.js?lazy';

var DEFAULT_PORT = 8000;

function checkPort(port) {
  if (port === undefined) return DEFAULT_PORT;
  if (typeof port !== 'number' || port !== Math.trunc(port) || port < 0 || port > 65535)
    throw new TypeError('Deno.serve: port is a whole number from 0 to 65535, not ' + String(port));
  return port;
}

/**
 * @param {object} given
 * @returns {object} the options with their defaults; throws for those that are none or that amid lacks
 */
export function optionsOf(given) {
  var options = {
    port: checkPort(given.port),
    hostname: given.hostname === undefined ? '0.0.0.0' : String(given.hostname),
    signal: given.signal,
    onListen: given.onListen,
    onError: given.onError,
  };
  if (given.cert !== undefined || given.key !== undefined)
    throw namedError('NotSupported', 'Deno.serve: TLS is not supported; put a proxy in front');
  if (given.path !== undefined)
    throw namedError('NotSupported', 'Deno.serve: unix sockets are not supported');
  if (
    options.signal !== undefined &&
    options.signal !== null &&
    !loadAbort().isSignal(options.signal)
  )
    throw new TypeError('Deno.serve: signal is not an AbortSignal');
  return options;
}
