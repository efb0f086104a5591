/** Response. */
import { methods, constant } from '../install.js';
import { Headers, headersOf, fillList, valueIn } from './headers.js';
import { Body, extractBody, bodyMembers, cloneBody, takeContent } from './body.js';
import loadUrl from './url.js?lazy';

var NULL_BODY = [101, 204, 205, 304];
var REDIRECTS = [301, 302, 303, 307, 308];
var REASON = /^[\t\x20-\x7e\x80-\xff]*$/;

function ResponseState(status, statusText, list, body) {
  this.type = 'default';
  this.url = '';
  this.isRedirected = false;
  this.status = status;
  this.statusText = statusText;
  /** Flat; shared with `headers` once these are looked at. */
  this.list = list;
  this.headers = null;
  this.isFixed = false;
  this.body = body;
}

function initStatus(init) {
  var status = init.status === undefined ? 200 : Math.trunc(+init.status) || 0;
  if (status < 200 || status > 599)
    throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
  return status;
}

function initText(init) {
  var text = init.statusText === undefined ? '' : String(init.statusText);
  if (!REASON.test(text)) throw new TypeError('Invalid statusText');
  return text;
}

function makeState(body, init, type) {
  var state, extracted;
  if (init === undefined || init === null) init = {};
  if (typeof init !== 'object' && typeof init !== 'function')
    throw new TypeError('Response constructor: the second argument must be an object');
  state = new ResponseState(initStatus(init), initText(init), [], null);
  fillList(state.list, init.headers);
  if (body === null || body === undefined) return state;
  if (NULL_BODY.indexOf(state.status) >= 0)
    throw new TypeError('Response constructor: Invalid response status code ' + state.status);
  extracted = extractBody(body);
  state.body = extracted.body;
  type = type || extracted.type;
  if (type !== null && valueIn(state.list, 'content-type') === null)
    state.list.push('content-type', type);
  return state;
}

/** The global Response. */
export function Response(body, init) {
  if (!(this instanceof Response))
    throw new TypeError("Class constructor Response cannot be invoked without 'new'");
  this.__H_response = makeState(body, init, null);
  return this;
}

function wrap(state) {
  var response = Object.create(Response.prototype);
  response.__H_response = state;
  return response;
}

/**
 * @param {{status: number, statusText: string, headers: string[], url: string, isRedirected: boolean,
 *   content: string|Uint8Array|object|null}} parts headers flat, names in lower case; content as takeContent gives it
 * @returns {Response} one that came from the network
 */
export function makeResponse(parts) {
  var body = parts.content === null || parts.content === undefined ? null : new Body(parts.content);
  var state = new ResponseState(parts.status, parts.statusText || '', parts.headers, body);
  state.type = 'basic';
  state.url = parts.url || '';
  state.isRedirected = !!parts.isRedirected;
  state.isFixed = true;
  return wrap(state);
}

export function isResponse(value) {
  return value !== null && typeof value === 'object' && value.__H_response !== undefined;
}

/**
 * Takes a response apart for sending; its body then counts as used.
 * @returns {{status: number, statusText: string, headers: string[], content: string|Uint8Array|object|null}}
 */
export function responseParts(response) {
  var state = response.__H_response;
  return {
    status: state.status,
    statusText: state.statusText,
    headers: state.list,
    content: takeContent(state.body),
  };
}

function stateOf(response) {
  var state = response === null || typeof response !== 'object' ? undefined : response.__H_response;
  if (state === undefined) throw new TypeError('Illegal invocation: not a Response');
  return state;
}

methods(Response.prototype, {
  get type() {
    return stateOf(this).type;
  },
  get url() {
    return stateOf(this).url;
  },
  get redirected() {
    return stateOf(this).isRedirected;
  },
  get status() {
    return stateOf(this).status;
  },
  get ok() {
    var status = stateOf(this).status;
    return status >= 200 && status <= 299;
  },
  get statusText() {
    return stateOf(this).statusText;
  },
  get headers() {
    var state = stateOf(this);
    if (state.headers === null) state.headers = headersOf(state.list, state.isFixed);
    return state.headers;
  },
  clone() {
    var state = stateOf(this);
    var body = cloneBody(state.body);
    var copy = new ResponseState(state.status, state.statusText, state.list.slice(), body);
    copy.type = state.type;
    copy.url = state.url;
    copy.isRedirected = state.isRedirected;
    copy.isFixed = state.isFixed;
    return wrap(copy);
  },
});
bodyMembers(Response.prototype, stateOf, function (response) {
  return valueIn(stateOf(response).list, 'content-type');
});
constant(Response.prototype, Symbol.toStringTag, 'Response');

methods(
  Response,
  {
    error() {
      var state = new ResponseState(0, '', [], null);
      state.type = 'error';
      state.isFixed = true;
      return wrap(state);
    },
    json(data, init) {
      var text;
      if (arguments.length === 0)
        throw new TypeError('Response.json: 1 argument required, but only 0 present.');
      text = JSON.stringify(data);
      if (text === undefined) throw new TypeError('Value is not JSON serializable');
      return wrap(makeState(text, init, 'application/json'));
    },
    redirect(url, status) {
      var state;
      if (arguments.length === 0)
        throw new TypeError('Response.redirect: 1 argument required, but only 0 present.');
      url = loadUrl().parseHref(String(url));
      status = status === undefined ? 302 : Math.trunc(+status);
      if (REDIRECTS.indexOf(status) < 0) throw new RangeError('Invalid status code ' + status);
      state = new ResponseState(status, '', ['location', url], null);
      state.isFixed = true;
      return wrap(state);
    },
  },
  { json: 1, redirect: 1 },
);

export { Headers };
