/** Request. */
import { methods, constant } from '../install.js';
import { headersOf, fillList, valueIn } from './headers.js';
import { Body, extractBody, bodyMembers, cloneBody, takeContent, isUsed } from './body.js';
import loadUrl from './url.js?lazy';
import loadAbort from './abort.js?lazy';

var TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
var FORBIDDEN = ['CONNECT', 'TRACE', 'TRACK'];
var NORMALIZED = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];
/** Members that are kept and shown, with what they are when not given and what they may be. */
var ENUMS = {
  cache: ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'],
  credentials: ['same-origin', 'omit', 'include'],
  mode: ['cors', 'navigate', 'same-origin', 'no-cors'],
  redirect: ['follow', 'error', 'manual'],
};

function RequestState(method, url, list, body) {
  this.method = method;
  this.url = url;
  this.list = list;
  this.headers = null;
  this.body = body;
  this.signal = null;
  this.options = null;
}

function methodOf(value) {
  var method = String(value);
  var upper = method.toUpperCase();
  if (!TOKEN.test(method)) throw new TypeError("'" + method + "' is not a valid HTTP method.");
  if (FORBIDDEN.indexOf(upper) >= 0)
    throw new TypeError("'" + method + "' HTTP method is unsupported.");
  return NORMALIZED.indexOf(upper) >= 0 ? upper : method;
}

function isRequest(value) {
  return value !== null && typeof value === 'object' && value.__H_request !== undefined;
}

function urlOf(input) {
  var url;
  try {
    url = loadUrl().parseUrl(String(input));
  } catch (error) {
    throw new TypeError('Failed to parse URL from ' + String(input), { cause: error });
  }
  if (url.username !== '' || url.password !== '')
    throw new TypeError(
      'Request cannot be constructed from a URL that includes credentials: ' + String(input),
    );
  return url.href;
}

function optionsOf(init, from) {
  var options = from === null ? null : from.options;
  var key;
  for (key in ENUMS) {
    if (init[key] === undefined) continue;
    if (ENUMS[key].indexOf(String(init[key])) < 0)
      throw new TypeError(
        'Request constructor: ' + String(init[key]) + ' is not an accepted type for ' + key,
      );
    options = Object.assign({}, options);
    options[key] = String(init[key]);
  }
  ['integrity', 'keepalive', 'referrer', 'referrerPolicy'].forEach(function (name) {
    if (init[name] === undefined) return;
    options = Object.assign({}, options);
    options[name] = name === 'keepalive' ? !!init[name] : String(init[name]);
  });
  return options;
}

function option(name, fallback) {
  return {
    get value() {
      var options = stateOf(this).options;
      return options === null || options[name] === undefined ? fallback : options[name];
    },
  };
}

function signalOf(init, from) {
  var signal = init.signal;
  if (signal === undefined) return from === null ? null : from.signal;
  if (signal === null) return null;
  if (!loadAbort().isSignal(signal))
    throw new TypeError("Failed to construct 'Request': member signal is not of type AbortSignal.");
  return signal;
}

function takeBody(state, init, from) {
  var extracted;
  var given = init.body;
  var fromInit = given !== undefined && given !== null;
  if (
    (fromInit || (from !== null && from.body !== null && given === undefined)) &&
    (state.method === 'GET' || state.method === 'HEAD')
  )
    throw new TypeError('Request with GET/HEAD method cannot have body.');
  if (fromInit) {
    extracted = extractBody(given);
    state.body = extracted.body;
    if (extracted.body.stream !== null && init.duplex === undefined)
      throw new TypeError('RequestInit: duplex option is required when sending a body.');
    if (extracted.type !== null && valueIn(state.list, 'content-type') === null)
      state.list.push('content-type', extracted.type);
  } else if (given === undefined && from !== null && from.body !== null) {
    // The old request has given its body away.
    state.body = new Body(takeContent(from.body));
    state.body.stream = null;
  }
}

/** The global Request. */
export function Request(input, init) {
  var from, state;
  if (!(this instanceof Request))
    throw new TypeError("Class constructor Request cannot be invoked without 'new'");
  if (arguments.length === 0)
    throw new TypeError('Request constructor: 1 argument required, but only 0 present.');
  if (init === undefined || init === null) init = {};
  from = isRequest(input) ? input.__H_request : null;
  state = new RequestState('GET', from === null ? urlOf(input) : from.url, [], null);
  if (init.method !== undefined) state.method = methodOf(init.method);
  else if (from !== null) state.method = from.method;
  state.options = optionsOf(init, from);
  state.signal = signalOf(init, from);
  if (state.signal !== null) state.signal = loadAbort().anySignal([state.signal]);
  if (init.headers !== undefined) fillList(state.list, init.headers);
  else if (from !== null) state.list = from.list.slice();
  takeBody(state, init, from);
  this.__H_request = state;
  return this;
}

function wrap(state) {
  var request = Object.create(Request.prototype);
  request.__H_request = state;
  return request;
}

/**
 * @param {string} method
 * @param {string} url as URL.href would show it
 * @param {string[]} list headers, flat, names in lower case
 * @param {string|Uint8Array|object|null} content text, bytes, a source, or nothing
 * @returns {Request} one that came from the network; nothing else is made before it is looked at
 */
export function makeRequest(method, url, list, content) {
  return wrap(new RequestState(method, url, list, content === null ? null : new Body(content)));
}

/**
 * Takes a request apart for sending; its body then counts as used.
 * @returns {{method: string, url: string, headers: string[], redirect: string, signal: AbortSignal|null,
 *   content: string|Uint8Array|object|null}}
 */
export function requestParts(request) {
  var state = request.__H_request;
  return {
    method: state.method,
    url: state.url,
    headers: state.list,
    redirect: request.redirect,
    signal: state.signal,
    content: takeContent(state.body),
  };
}

function stateOf(request) {
  var state = request === null || typeof request !== 'object' ? undefined : request.__H_request;
  if (state === undefined) throw new TypeError('Illegal invocation: not a Request');
  return state;
}

function ownSignal(state) {
  if (state.signal === null) state.signal = loadAbort().makeSignal();
  return state.signal;
}

/** Aborts the request's signal: whoever sent it has gone. */
export function abortRequest(request, reason) {
  loadAbort().abortSignal(ownSignal(request.__H_request), reason);
}

methods(Request.prototype, {
  get method() {
    return stateOf(this).method;
  },
  get url() {
    return stateOf(this).url;
  },
  get headers() {
    var state = stateOf(this);
    if (state.headers === null) state.headers = headersOf(state.list, false);
    return state.headers;
  },
  get signal() {
    return ownSignal(stateOf(this));
  },
  get duplex() {
    return 'half';
  },
  get destination() {
    return '';
  },
  clone() {
    var state = stateOf(this);
    var copy;
    if (isUsed(state.body)) throw new TypeError('unusable');
    copy = new RequestState(state.method, state.url, state.list.slice(), cloneBody(state.body));
    copy.options = state.options;
    copy.signal = loadAbort().anySignal([ownSignal(state)]);
    return wrap(copy);
  },
});

function defineOption(name, fallback) {
  var descriptor = Object.getOwnPropertyDescriptor(option(name, fallback), 'value');
  descriptor.enumerable = false;
  Object.defineProperty(Request.prototype, name, descriptor);
}
Object.keys(ENUMS).forEach(function (name) {
  defineOption(name, ENUMS[name][0]);
});
defineOption('integrity', '');
defineOption('keepalive', false);
defineOption('referrer', 'about:client');
defineOption('referrerPolicy', '');

bodyMembers(Request.prototype, stateOf, function (request) {
  return valueIn(stateOf(request).list, 'content-type');
});
constant(Request.prototype, Symbol.toStringTag, 'Request');
