/**
 * Deno's file functions, each a host call on the worker's own folder. "/" is that folder; what leaves it, and whatever
 * could lead out of it, is PermissionDenied. They are all asynchronous: a turn never waits.
 */
import { NativeBytes, NativeTextDecoder, NativeTextEncoder } from './natives.js';
import { Promise, pendingPromise, resolvePromise, rejectPromise } from './promise.js';
import { hostCall } from './requests.js';
import { asyncIteratorPrototype } from './iterators.js';
import { methods } from './install.js';

var O_TYPE_MODE = 0x1ff;

/** A path as text; of a file: URL its path. */
function pathOf(path) {
  var text = path;
  if (path !== null && typeof path === 'object' && typeof path.pathname === 'string') {
    if (path.protocol !== 'file:') throw new TypeError('Must be a file URL.');
    text = decodeURIComponent(path.pathname);
  }
  if (typeof text !== 'string') throw new TypeError('A path is a string or a file URL');
  if (text === '' || text.indexOf('\0') >= 0) {
    throw new TypeError('A path is not empty and has no NUL in it');
  }
  return text;
}

/** Rejects early when the signal is aborted; what is under way then still comes to its end, unseen. */
function heed(signal, promise) {
  var result = pendingPromise();
  var abort = {
    call() {
      rejectPromise(result, signal.reason);
    },
  }.call;
  signal.addEventListener('abort', abort, { once: true });
  promise.then(
    {
      call(value) {
        signal.removeEventListener('abort', abort);
        resolvePromise(result, value);
      },
    }.call,
    {
      call(error) {
        signal.removeEventListener('abort', abort);
        rejectPromise(result, error);
      },
    }.call,
  );
  return result;
}

/** Runs `call` so that what it throws rejects; options.signal ends the wait. */
function begin(options, call) {
  var signal = options === undefined || options === null ? undefined : options.signal;
  try {
    if (signal === undefined || signal === null) return call();
    if (signal.aborted) return Promise.reject(signal.reason);
    return heed(signal, call());
  } catch (error) {
    return Promise.reject(error);
  }
}

function bytesOf(result, data) {
  return data === null ? new NativeBytes(0) : data;
}

function textOf(result, data) {
  return data === null ? '' : new NativeTextDecoder().decode(data);
}

function nothing() {
  return undefined;
}

function read(path, options, convert) {
  return begin(
    options,
    {
      call() {
        return hostCall('FILE_READ', { path: pathOf(path) }, null, convert);
      },
    }.call,
  );
}

function write(path, data, options) {
  var wanted = Object(options);
  return begin(
    options,
    {
      call() {
        var args = {
          path: pathOf(path),
          append: !!wanted.append,
          create: wanted.create !== false,
          createNew: !!wanted.createNew,
        };
        return hostCall('FILE_WRITE', args, data, nothing);
      },
    }.call,
  );
}

function change(args) {
  return hostCall('FILE_CHANGE', args, null, nothing);
}

function changing(args, path, to) {
  return begin(
    undefined,
    {
      call() {
        args.path = pathOf(path);
        if (to !== undefined) args.to = pathOf(to);
        return change(args);
      },
    }.call,
  );
}

function asDate(ms) {
  return new Date(ms);
}

function infoOf(found) {
  return {
    isFile: found.isFile,
    isDirectory: found.isDirectory,
    isSymlink: false,
    size: found.size,
    mtime: asDate(found.mtime),
    atime: asDate(found.atime),
    ctime: asDate(found.ctime),
    birthtime: null,
    dev: 0,
    ino: found.ino,
    mode: found.mode & O_TYPE_MODE,
    nlink: found.nlink,
    uid: null,
    gid: null,
    rdev: null,
    blksize: null,
    blocks: null,
    isBlockDevice: false,
    isCharDevice: false,
    isFifo: false,
    isSocket: false,
  };
}

function statOf(path) {
  return begin(
    undefined,
    {
      call() {
        return hostCall('FILE_STAT', { path: pathOf(path) }, null, infoOf);
      },
    }.call,
  );
}

/** What readDir returns: the folder is read when the first entry is asked for. */
function Entries(path) {
  this.__H_path = path;
  this.__H_list = null;
  this.__H_at = 0;
}
Entries.prototype = Object.create(asyncIteratorPrototype);

function take(entries) {
  var found = entries.__H_list[entries.__H_at++];
  if (found === undefined) return { value: undefined, done: true };
  return {
    value: {
      name: found[1],
      isFile: found[0] === 'f',
      isDirectory: found[0] === 'd',
      isSymlink: found[0] === 'l',
    },
    done: false,
  };
}

methods(Entries.prototype, {
  next() {
    var entries = this;
    if (entries.__H_list !== null) return Promise.resolve(take(entries));
    return hostCall(
      'FILE_LIST',
      { path: entries.__H_path },
      null,
      {
        take(list) {
          entries.__H_list = list;
          return take(entries);
        },
      }.take,
    );
  },
  return(value) {
    this.__H_list = [];
    return Promise.resolve({ value: value, done: true });
  },
});

function checkBytes(data) {
  if (data instanceof ArrayBuffer) return new NativeBytes(data);
  if (!ArrayBuffer.isView(data)) throw new TypeError('The data to write is a Uint8Array');
  return data;
}

export function readFile(path, options) {
  return read(path, options, bytesOf);
}

export function readTextFile(path, options) {
  return read(path, options, textOf);
}

export function writeFile(path, data, options) {
  try {
    return write(path, checkBytes(data), options);
  } catch (error) {
    return Promise.reject(error);
  }
}

export function writeTextFile(path, text, options) {
  try {
    if (typeof text === 'symbol' || (text !== null && typeof text === 'object' && text.getReader)) {
      throw new TypeError('The text to write is a string');
    }
    return write(path, new NativeTextEncoder().encode(String(text)), options);
  } catch (error) {
    return Promise.reject(error);
  }
}

export function readDir(path) {
  return new Entries(pathOf(path));
}

export function stat(path) {
  return statOf(path);
}

/** Links are refused whoever made them, so this is stat. */
export function lstat(path) {
  return statOf(path);
}

export function remove(path, options) {
  return changing({ change: 'remove', recursive: !!Object(options).recursive }, path);
}

export function mkdir(path, options) {
  return changing({ change: 'mkdir', recursive: !!Object(options).recursive }, path);
}

export function rename(from, to) {
  return changing({ change: 'rename' }, from, to === undefined ? null : to);
}

export function copyFile(from, to) {
  return changing({ change: 'copy' }, from, to === undefined ? null : to);
}

export function truncate(path, length) {
  return changing({ change: 'truncate', length: length === undefined ? 0 : +length }, path);
}
