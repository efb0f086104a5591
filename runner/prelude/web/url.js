/** URL and URLSearchParams. */
import { methods, constant, globalClass } from '../install.js';
import { URLSearchParams, paramsOf, resetParams } from './url-search.js';
import { parseForm, textOf, encodeWith, isOfUserinfo } from './url-text.js';
import { parseHost } from './url-host.js';
import {
  parseRecord,
  recordText,
  pathText,
  isSpecial,
  isOpaque,
  parsePathStart,
  hostEnd,
  setPort,
  setQuery,
  setFragment,
  withoutBreaks,
} from './url-parse.js';

export { parseForm };

var MAX_PORT = 65535;

function invalid(text) {
  var error = new TypeError('Invalid URL');
  error.code = 'ERR_INVALID_URL';
  error.input = text;
  return error;
}

function parse(text, base) {
  var from = null;
  var record;
  text = textOf(text);
  if (base !== undefined) {
    from = parseRecord(textOf(base), null);
    if (from === null) throw invalid(text);
  }
  record = parseRecord(text, from);
  if (record === null) throw invalid(text);
  return record;
}

/** The global URL. */
export function URL(text, base) {
  if (!(this instanceof URL))
    throw new TypeError("Class constructor URL cannot be invoked without 'new'");
  if (arguments.length === 0) throw new TypeError('The "url" argument must be specified');
  this.__H_url = parse(text, base);
  return this;
}

/** @returns {URL} */
export function parseUrl(text) {
  return new URL(text);
}

/** @returns {string} the URL as it is shown; TypeError if it is none */
export function parseHref(text) {
  return recordText(parse(text, undefined));
}

function recordOf(url) {
  var record = url === null || typeof url !== 'object' ? undefined : url.__H_url;
  if (record === undefined) throw new TypeError('Value of "this" must be of type URL');
  return record;
}

function hasNoCredentials(record) {
  return record.host === null || record.host === '' || record.scheme === 'file';
}

function originOf(record) {
  var inner;
  if (record.scheme === 'blob') {
    inner = parseRecord(pathText(record), null);
    return inner !== null && /^https?$/.test(inner.scheme) ? originOf(inner) : 'null';
  }
  if (!isSpecial(record.scheme) || record.scheme === 'file') return 'null';
  return record.scheme + '://' + record.host + (record.port === null ? '' : ':' + record.port);
}

function setProtocol(record, text) {
  var match = /^([a-zA-Z][a-zA-Z0-9+\-.]*)(:|$)/.exec(withoutBreaks(text));
  var scheme;
  if (match === null) return;
  scheme = match[1].toLowerCase();
  if (isSpecial(scheme) !== isSpecial(record.scheme)) return;
  if (
    scheme === 'file' &&
    (record.username !== '' || record.password !== '' || record.port !== null)
  )
    return;
  if (record.scheme === 'file' && record.host === '') return;
  record.scheme = scheme;
  if (record.port !== null) setPort(record, record.port);
}

/** What a setter for hosts reads of its value. */
function authorityIn(record, text) {
  text = withoutBreaks(text);
  var end = text.search(isSpecial(record.scheme) ? /[/\\?#]/ : /[/?#]/);
  return end < 0 ? text : text.slice(0, end);
}

function setFileHost(record, text) {
  var host = text === '' ? '' : parseHost(text, true);
  if (host !== null) record.host = host === 'localhost' ? '' : host;
}

function setHost(record, text, withPort) {
  var end, host;
  if (isOpaque(record)) return;
  text = authorityIn(record, text);
  if (record.scheme === 'file') {
    setFileHost(record, text);
    return;
  }
  end = hostEnd(text);
  if (end < text.length && (end === 0 || !withPort)) return;
  if (end === 0) {
    if (isSpecial(record.scheme)) return;
    if (record.username !== '' || record.password !== '' || record.port !== null) return;
    record.host = '';
    return;
  }
  host = parseHost(text.slice(0, end), isSpecial(record.scheme));
  if (host === null) return;
  record.host = host;
  if (end < text.length) setPortText(record, text.slice(end + 1));
}

function setPortText(record, text) {
  var digits = /^[0-9]+/.exec(text);
  if (digits !== null && +digits[0] <= MAX_PORT) setPort(record, +digits[0]);
}

function setPathname(record, text) {
  if (isOpaque(record)) return;
  record.path = [];
  text = withoutBreaks(text);
  if (text === '' && !isSpecial(record.scheme)) {
    if (record.host === null) record.path.push('');
    return;
  }
  parsePathStart(record, text);
}

function setSearch(url, record, text) {
  if (text === '') {
    record.query = null;
  } else {
    setQuery(record, withoutBreaks(text.replace(/^\?/, '')));
  }
  if (url.__H_params !== undefined) resetParams(url.__H_params, record.query || '');
}

var members = {
  get href() {
    return recordText(recordOf(this));
  },
  set href(value) {
    this.__H_url = parse(value, undefined);
    if (this.__H_params !== undefined) resetParams(this.__H_params, this.__H_url.query || '');
  },
  get origin() {
    return originOf(recordOf(this));
  },
  get protocol() {
    return recordOf(this).scheme + ':';
  },
  set protocol(value) {
    setProtocol(recordOf(this), textOf(value));
  },
  get username() {
    return recordOf(this).username;
  },
  set username(value) {
    var record = recordOf(this);
    if (!hasNoCredentials(record)) record.username = encodeWith(textOf(value), isOfUserinfo);
  },
  get password() {
    return recordOf(this).password;
  },
  set password(value) {
    var record = recordOf(this);
    if (!hasNoCredentials(record)) record.password = encodeWith(textOf(value), isOfUserinfo);
  },
  get host() {
    var record = recordOf(this);
    return (record.host || '') + (record.port === null ? '' : ':' + record.port);
  },
  set host(value) {
    setHost(recordOf(this), textOf(value), true);
  },
  get hostname() {
    return recordOf(this).host || '';
  },
  set hostname(value) {
    setHost(recordOf(this), textOf(value), false);
  },
  get port() {
    var port = recordOf(this).port;
    return port === null ? '' : String(port);
  },
  set port(value) {
    var record = recordOf(this);
    value = withoutBreaks(textOf(value));
    if (hasNoCredentials(record)) return;
    if (value === '') record.port = null;
    else setPortText(record, value);
  },
  get pathname() {
    return pathText(recordOf(this));
  },
  set pathname(value) {
    setPathname(recordOf(this), textOf(value));
  },
  get search() {
    return recordOf(this).query ? '?' + recordOf(this).query : '';
  },
  set search(value) {
    setSearch(this, recordOf(this), textOf(value));
  },
  get searchParams() {
    var record = recordOf(this);
    if (this.__H_params === undefined) {
      this.__H_params = paramsOf(record.query || '', changeQuery(this));
    }
    return this.__H_params;
  },
  get hash() {
    return recordOf(this).fragment ? '#' + recordOf(this).fragment : '';
  },
  set hash(value) {
    var record = recordOf(this);
    value = textOf(value);
    if (value === '') {
      record.fragment = null;
    } else {
      setFragment(record, withoutBreaks(value.replace(/^#/, '')));
    }
  },
  toString() {
    return recordText(recordOf(this));
  },
  toJSON() {
    return recordText(recordOf(this));
  },
};

function changeQuery(url) {
  return function (query) {
    var record = url.__H_url;
    record.query = query === '' ? null : query;
  };
}

methods(URL.prototype, members);
constant(URL.prototype, Symbol.toStringTag, 'URL');

function tryParse(Class, value, base) {
  try {
    return new Class(value, base);
  } catch (error) {
    return null;
  }
}

methods(
  URL,
  {
    canParse(value, base) {
      if (arguments.length === 0) throw new TypeError('The "url" argument must be specified');
      return tryParse(URL, value, base) !== null;
    },
    parse(value, base) {
      if (arguments.length === 0) throw new TypeError('The "url" argument must be specified');
      return tryParse(URL, value, base);
    },
  },
  { canParse: 1, parse: 1 },
);

/** @param {object} global */
export function installUrl(global) {
  globalClass(global, 'URL', URL, 1);
  globalClass(global, 'URLSearchParams', URLSearchParams, 0);
}
