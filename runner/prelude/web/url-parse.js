/**
 * The parser of the URL Standard. Its states follow one another here as cuts of the text: first the fragment, then the
 * query, then what is in front of them.
 */
import { parseHost } from './url-host.js';
import {
  encodeWith,
  isControl,
  isOfFragment,
  isOfQuery,
  isOfSpecialQuery,
  isOfPath,
  isOfUserinfo,
} from './url-text.js';

var DEFAULT_PORTS = { ftp: 21, file: null, http: 80, https: 443, ws: 80, wss: 443 };
var MAX_PORT = 65535;

/** Parts of a URL as the standard has them; `path` is a list of segments, or the text of an opaque one. */
export function Record(scheme) {
  this.scheme = scheme;
  this.username = '';
  this.password = '';
  this.host = null;
  this.port = null;
  this.path = [];
  this.query = null;
  this.fragment = null;
}

export function isSpecial(scheme) {
  return Object.prototype.hasOwnProperty.call(DEFAULT_PORTS, scheme);
}

export function isOpaque(record) {
  return typeof record.path === 'string';
}

/** Removes what stands around and between and is never meant. */
export function trim(text) {
  return withoutBreaks(text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, ''));
}

export function withoutBreaks(text) {
  return /[\t\n\r]/.test(text) ? text.replace(/[\t\n\r]+/g, '') : text;
}

function isSlash(character, special) {
  return character === '/' || (special && character === '\\');
}

function isDriveLetter(text) {
  return /^[a-zA-Z][:|]$/.test(text);
}

function startsWithDrive(text) {
  return /^[a-zA-Z][:|]([/\\?#]|$)/.test(text);
}

function shorten(record) {
  var path = record.path;
  if (record.scheme === 'file' && path.length === 1 && /^[a-zA-Z]:$/.test(path[0])) return;
  path.pop();
}

function copyAuthority(record, base) {
  record.username = base.username;
  record.password = base.password;
  record.host = base.host;
  record.port = base.port;
}

/** Appends the segments of a text to the record's path. */
export function parsePath(record, text) {
  var special = isSpecial(record.scheme);
  var at = isSlash(text.charAt(0), special) ? 1 : 0;
  var end, segment, isLast;
  do {
    for (end = at; end < text.length && !isSlash(text.charAt(end), special); end++);
    isLast = end >= text.length;
    segment = encodeWith(text.slice(at, end), isOfPath);
    if (/^(\.|%2e){2}$/i.test(segment)) {
      shorten(record);
      if (isLast) record.path.push('');
    } else if (/^(\.|%2e)$/i.test(segment)) {
      if (isLast) record.path.push('');
    } else {
      if (record.scheme === 'file' && record.path.length === 0 && isDriveLetter(segment))
        segment = segment.charAt(0) + ':';
      record.path.push(segment);
    }
    at = end + 1;
  } while (!isLast);
}

/** What follows an authority. */
export function parsePathStart(record, text) {
  if (text !== '' || isSpecial(record.scheme)) parsePath(record, text);
}

export function setUserinfo(record, text) {
  var at = text.indexOf(':');
  record.username = encodeWith(at < 0 ? text : text.slice(0, at), isOfUserinfo);
  record.password = at < 0 ? '' : encodeWith(text.slice(at + 1), isOfUserinfo);
}

export function setPort(record, number) {
  record.port = number === DEFAULT_PORTS[record.scheme] ? null : number;
}

/** @returns {number} where the port's colon is, or the length */
export function hostEnd(text) {
  var isInside = false;
  for (var i = 0; i < text.length; i++) {
    var character = text.charAt(i);
    if (character === '[') isInside = true;
    else if (character === ']') isInside = false;
    else if (character === ':' && !isInside) return i;
  }
  return text.length;
}

function parseHostAndPort(record, text) {
  var end = hostEnd(text);
  var special = isSpecial(record.scheme);
  var port = text.slice(end + 1);
  if (end === 0 && (special || end < text.length)) return false;
  record.host = end === 0 ? '' : parseHost(text.slice(0, end), special);
  if (record.host === null || !/^[0-9]*$/.test(port) || +port > MAX_PORT) return false;
  if (port !== '') setPort(record, +port);
  return true;
}

function parseAuthority(record, text) {
  var special = isSpecial(record.scheme);
  var end, at, authority;
  for (end = 0; end < text.length && !isSlash(text.charAt(end), special); end++);
  authority = text.slice(0, end);
  at = authority.lastIndexOf('@');
  if (at >= 0) {
    if (at === authority.length - 1) return false;
    setUserinfo(record, authority.slice(0, at));
  }
  if (!parseHostAndPort(record, authority.slice(at + 1))) return false;
  parsePathStart(record, text.slice(end));
  return true;
}

function skipSlashes(text) {
  return text.replace(/^[/\\]+/, '');
}

function parseFileHost(record, text) {
  var end = text.search(/[/\\]/);
  var host;
  if (end < 0) end = text.length;
  host = text.slice(0, end);
  if (isDriveLetter(host)) {
    parsePath(record, text);
    return true;
  }
  if (host !== '') {
    record.host = parseHost(host, true);
    if (record.host === null) return false;
    if (record.host === 'localhost') record.host = '';
  }
  parsePathStart(record, text.slice(end));
  return true;
}

function parseFile(record, text, base, hasQuery) {
  record.host = '';
  if (base !== null && base.scheme !== 'file') base = null;
  if (isSlash(text.charAt(0), true)) {
    if (isSlash(text.charAt(1), true)) return parseFileHost(record, text.slice(2));
    if (base !== null) {
      record.host = base.host;
      if (!startsWithDrive(text.slice(1)) && /^[a-zA-Z]:$/.test(base.path[0] || ''))
        record.path.push(base.path[0]);
    }
    parsePath(record, text);
    return true;
  }
  if (base === null) {
    parsePath(record, text);
    return true;
  }
  record.host = base.host;
  record.path = base.path.slice();
  if (text === '') {
    if (!hasQuery) record.query = base.query;
    return true;
  }
  if (startsWithDrive(text)) record.path = [];
  else shorten(record);
  parsePath(record, text);
  return true;
}

function parseRelative(record, text, base, hasQuery) {
  var special = isSpecial(record.scheme);
  if (isSlash(text.charAt(0), special)) {
    if (special && isSlash(text.charAt(1), true)) return parseAuthority(record, skipSlashes(text));
    if (text.charAt(1) === '/') return parseAuthority(record, text.slice(2));
    copyAuthority(record, base);
    parsePath(record, text);
    return true;
  }
  copyAuthority(record, base);
  record.path = base.path.slice();
  if (text === '') {
    if (!hasQuery) record.query = base.query;
    return true;
  }
  shorten(record);
  parsePath(record, text);
  return true;
}

/** A blank at the end of it would be lost once what follows is taken away. */
function opaquePath(text, hasMore) {
  text = encodeWith(text, isControl);
  return hasMore ? text.replace(/ $/, '%20') : text;
}

function parseAfterScheme(record, text, base, hasQuery, hasMore) {
  var scheme = record.scheme;
  if (scheme === 'file') return parseFile(record, text, base, hasQuery);
  if (isSpecial(scheme)) {
    if (base !== null && base.scheme === scheme && text.slice(0, 2) !== '//')
      return parseRelative(record, text, base, hasQuery);
    return parseAuthority(record, skipSlashes(text));
  }
  if (text.slice(0, 2) === '//') return parseAuthority(record, text.slice(2));
  if (text.charAt(0) === '/') parsePath(record, text);
  else record.path = opaquePath(text, hasMore);
  return true;
}

export function setQuery(record, text) {
  record.query = encodeWith(text, isSpecial(record.scheme) ? isOfSpecialQuery : isOfQuery);
}

export function setFragment(record, text) {
  record.fragment = encodeWith(text, isOfFragment);
}

/** A reference without a scheme. */
function resolve(text, base, hasQuery) {
  var record;
  if (base === null) return null;
  record = new Record(base.scheme);
  if (isOpaque(base)) {
    if (text !== '' || hasQuery) return null;
    record.path = base.path;
    record.query = base.query;
    return record;
  }
  if (base.scheme === 'file') return parseFile(record, text, base, hasQuery) ? record : null;
  return parseRelative(record, text, base, hasQuery) ? record : null;
}

/**
 * @param {string} text
 * @param {Record|null} base
 * @returns {Record|null} null if the text is no URL
 */
export function parseRecord(text, base) {
  var hash, mark, record, scheme, fragment, query;
  text = trim(text);
  hash = text.indexOf('#');
  fragment = hash < 0 ? null : text.slice(hash + 1);
  if (hash >= 0) text = text.slice(0, hash);
  mark = text.indexOf('?');
  query = mark < 0 ? null : text.slice(mark + 1);
  if (mark >= 0) text = text.slice(0, mark);
  scheme = /^[a-zA-Z][a-zA-Z0-9+\-.]*:/.exec(text);
  if (scheme !== null) {
    scheme = scheme[0];
    record = new Record(scheme.slice(0, -1).toLowerCase());
    text = text.slice(scheme.length);
    if (!parseAfterScheme(record, text, base, query !== null, query !== null || fragment !== null))
      return null;
  } else {
    if (base !== null && isOpaque(base) && fragment === null) return null;
    record = resolve(text, base, query !== null);
    if (record === null) return null;
  }
  if (query !== null) setQuery(record, query);
  if (fragment !== null) setFragment(record, fragment);
  return record;
}

export function pathText(record) {
  if (isOpaque(record)) return record.path;
  return record.path.length === 0 ? '' : '/' + record.path.join('/');
}

export function recordText(record) {
  var text = record.scheme + ':';
  if (record.host !== null) {
    text += '//';
    if (record.username !== '' || record.password !== '') {
      text += record.username + (record.password === '' ? '' : ':' + record.password) + '@';
    }
    text += record.host + (record.port === null ? '' : ':' + record.port);
  } else if (!isOpaque(record) && record.path.length > 1 && record.path[0] === '') {
    text += '/.';
  }
  text += pathText(record);
  if (record.query !== null) text += '?' + record.query;
  if (record.fragment !== null) text += '#' + record.fragment;
  return text;
}
