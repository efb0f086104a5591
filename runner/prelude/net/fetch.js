/**
 * fetch. The supervisor makes the request and holds the answer; its body is pulled piece by piece, so an answer that
 * nobody reads stays where it is until the script has let go of it or the iteration ends.
 */
import { Promise, pendingPromise, resolvePromise, rejectPromise } from '../promise.js';
import { NativeBytes, NativeTextEncoder, onFree } from '../natives.js';
import { currentEpoch } from '../microtasks.js';
import { hostCall, cancelCall, openResource, closeResource, forgetResource } from '../requests.js';
import { hide } from '../install.js';
import loadHttp from '../web/http.js?lazy';
import loadAbort from '../web/abort.js?lazy';
import loadUrl from '../web/url.js?lazy';

/** supervisor/fetch/request.h, REQUEST_BODY_MAX_BYTES */
var BODY_MAX_BYTES = 4 * 1024 * 1024 - 128 * 1024;
var NULL_BODY = [101, 204, 205, 304];
/** The connection's own, which scripts of other runtimes set without effect. */
var DROPPED = [
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** @returns {string[]} the flat list that goes out */
function outgoing(list, url) {
  var kept = [];
  for (var i = 0; i < list.length; i += 2) {
    if (list[i] === 'host') {
      if (list[i + 1].toLowerCase() !== loadUrl().parseUrl(url).host)
        throw new TypeError('fetch: the header Host cannot name another host than the URL');
    } else if (DROPPED.indexOf(list[i]) < 0) {
      kept.push(list[i], list[i + 1]);
    }
  }
  return kept;
}

function tooLong() {
  return new RangeError('fetch: the request body is longer than ' + BODY_MAX_BYTES + ' bytes');
}

function gather(source) {
  var chunks = [];
  var length = 0;
  function take(chunk) {
    var all, at;
    if (chunk !== null) {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= BODY_MAX_BYTES) return source.pull().then(take);
      source.cancel(tooLong());
      throw tooLong();
    }
    all = new NativeBytes(length);
    at = 0;
    chunks.forEach(function (part) {
      all.set(part, at);
      at += part.length;
    });
    return all;
  }
  return source.pull().then(take);
}

/** @returns {Promise<Uint8Array>|Uint8Array|null} what a request's body holds */
function bytesOf(content) {
  if (content === null) return null;
  if (typeof content === 'string') content = new NativeTextEncoder().encode(content);
  if (!(content instanceof NativeBytes)) return gather(content);
  if (content.length > BODY_MAX_BYTES) throw tooLong();
  return content;
}

/**
 * One request from its start to the end of its answer. Functions refer to it, it refers to none of them: what is let
 * go of is then freed at once.
 */
function Exchange(method, signal) {
  this.method = method;
  /** The script's promise, until it is settled. */
  this.outcome = pendingPromise();
  this.epoch = currentEpoch();
  this.call = null;
  this.rid = 0;
  this.failure = null;
  this.signal = signal;
  this.step = null;
}

function settle(exchange, how, value) {
  var outcome = exchange.outcome;
  if (outcome === null) return;
  // The response leads to the exchange, which must not lead back.
  exchange.outcome = null;
  how(outcome, value);
}

function refuse(exchange, reason) {
  dropStep(exchange);
  settle(exchange, rejectPromise, reason);
}

/** A signal may outlive many requests. */
function dropStep(exchange) {
  if (exchange.step === null) return;
  loadAbort().removeAbortStep(exchange.signal, exchange.step);
  exchange.step = null;
}

/** For a resource that the supervisor has closed by itself. */
function forget(exchange) {
  if (exchange.rid !== 0 && exchange.epoch === currentEpoch()) forgetResource();
  exchange.rid = 0;
  dropStep(exchange);
}

/** The end of an iteration has closed what was left of it. */
function close(exchange) {
  var rid = exchange.rid;
  exchange.rid = 0;
  if (rid !== 0 && exchange.epoch === currentEpoch()) closeResource(rid);
  dropStep(exchange);
}

function pull(exchange) {
  if (exchange.failure !== null) return Promise.reject(exchange.failure.reason);
  if (exchange.rid === 0 || exchange.epoch !== currentEpoch()) return Promise.resolve(null);
  return hostCall(
    'FETCH_READ',
    { rid: exchange.rid },
    null,
    {
      take(isEnd, bytes) {
        if (isEnd) forget(exchange);
        return bytes === null || bytes.length === 0 ? null : bytes;
      },
    }.take,
  ).then(
    undefined,
    {
      fail(error) {
        forget(exchange);
        throw exchange.failure === null ? error : exchange.failure.reason;
      },
    }.fail,
  );
}

/** The rest of an answer, as web/body.js takes it; once nobody refers to it, the answer is closed. */
function Content(exchange) {
  this.exchange = exchange;
}
hide(
  Content.prototype,
  'pull',
  {
    pull() {
      return pull(this.exchange);
    },
  }.pull,
);
hide(
  Content.prototype,
  'cancel',
  {
    cancel() {
      close(this.exchange);
      return Promise.resolve();
    },
  }.cancel,
);

function freed(content) {
  close(content.exchange);
}

function contentOf(exchange, status) {
  var content;
  if (exchange.method === 'HEAD' || NULL_BODY.indexOf(status) >= 0) {
    close(exchange);
    return null;
  }
  content = new Content(exchange);
  onFree(content, freed);
  return content;
}

/** What comes of FETCH_START. */
function taker(exchange) {
  return {
    take(answer) {
      exchange.rid = openResource(answer.rid);
      return loadHttp().makeResponse({
        status: answer.status,
        statusText: answer.statusText,
        headers: answer.headers,
        url: answer.url,
        isRedirected: answer.redirected,
        content: contentOf(exchange, answer.status),
      });
    },
  }.take;
}

/** Ends the request, or the body: one who waits for more of it is told at once. */
function aborter(exchange) {
  return {
    abort(reason) {
      exchange.step = null;
      exchange.failure = { reason: reason };
      settle(exchange, rejectPromise, reason);
      if (exchange.rid !== 0) close(exchange);
      else cancelCall(exchange.call);
    },
  }.abort;
}

function start(exchange, args, bytes) {
  exchange.call = hostCall('FETCH_START', args, bytes, taker(exchange));
  if (exchange.signal !== null)
    exchange.step = loadAbort().addAbortStep(exchange.signal, aborter(exchange));
  exchange.call.then(
    {
      fulfil(response) {
        exchange.call = null;
        settle(exchange, resolvePromise, response);
      },
    }.fulfil,
    {
      reject(error) {
        exchange.call = null;
        refuse(exchange, error);
      },
    }.reject,
  );
}

function timeoutOf(init) {
  var timeout = init === undefined || init === null ? undefined : init.timeout;
  if (timeout === undefined) return 0;
  timeout = Math.trunc(+timeout);
  if (!(timeout > 0 && timeout <= 86400000))
    throw new RangeError('fetch: timeout is from 1 to 86400000 milliseconds');
  return timeout;
}

function begin(parts, timeout, exchange) {
  var args = {
    method: parts.method,
    url: parts.url,
    headers: outgoing(parts.headers, parts.url),
    redirect: parts.redirect,
    timeoutMs: timeout,
    hasBody: parts.content !== null,
  };
  var bytes;
  if (parts.signal !== null) parts.signal.throwIfAborted();
  bytes = bytesOf(parts.content);
  if (bytes === null || bytes instanceof NativeBytes) {
    start(exchange, args, bytes);
    return;
  }
  bytes.then(
    {
      send(all) {
        if (parts.signal !== null && parts.signal.aborted) refuse(exchange, parts.signal.reason);
        else start(exchange, args, all);
      },
    }.send,
    {
      fail(error) {
        refuse(exchange, error);
      },
    }.fail,
  );
}

/** The global fetch. `init.timeout`, in milliseconds, is amid's own. */
export function fetch(input, init) {
  var parts, exchange, timeout, outcome;
  try {
    if (arguments.length === 0)
      throw new TypeError('fetch: 1 argument required, but only 0 present.');
    timeout = timeoutOf(init);
    parts = loadHttp().requestParts(new (loadHttp().Request)(input, init));
    exchange = new Exchange(parts.method, parts.signal);
    outcome = exchange.outcome;
    begin(parts, timeout, exchange);
  } catch (error) {
    return Promise.reject(error);
  }
  return outcome;
}
