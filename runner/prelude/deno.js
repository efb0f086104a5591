/**
 * The global `Deno`: what of it a confined worker can have. Every other member that Deno has is there under its name
 * and throws NotSupported when used, so that a script learns which one it was.
 */
import { NativeProxy } from './natives.js';
import { namedError, namedErrorClass } from './error.js';
import { Promise } from './promise.js';
import { absent } from './absent.js';
import { holdTimerId } from './timers.js';
import { formatValue } from './format.js';
import { addSignalListener, removeSignalListener } from './iteration.js';
import { isLacking, asyncNameOf } from './deno-names.js';
import { metricsOf } from './deno-metrics.js';
import { lazyMethods } from './lazy.js';
import loadFiles from './deno-files.js?lazy';
import loadServe from './serve.js?lazy';

/** The Deno whose interface scripts are written for: what a worker's record calls its `version`. */
var DENO_VERSION = '1.19.2';
/** The engine is not V8; a script that prints this shows what it ran on. */
var ENGINE_VERSION = 'none (Duktape 2.7)';
var TYPESCRIPT_VERSION = '4.9.5';

var ERROR_NAMES = [
  'NotFound',
  'PermissionDenied',
  'ConnectionRefused',
  'ConnectionReset',
  'ConnectionAborted',
  'NotConnected',
  'AddrInUse',
  'AddrNotAvailable',
  'BrokenPipe',
  'AlreadyExists',
  'InvalidData',
  'TimedOut',
  'Interrupted',
  'WriteZero',
  'WouldBlock',
  'UnexpectedEof',
  'BadResource',
  'Http',
  'Busy',
  'NotSupported',
  'FilesystemLoop',
  'IsADirectory',
  'NetworkUnreachable',
  'NotADirectory',
  'NotCapable',
];

function makeErrors() {
  var errors = {};
  for (var i = 0; i < ERROR_NAMES.length; i++) {
    errors[ERROR_NAMES[i]] = namedErrorClass(ERROR_NAMES[i]);
  }
  return errors;
}

/** The environment of a worker is nobody's: whatever is asked of it is refused. */
function refuseEnv() {
  throw namedError(
    'PermissionDenied',
    'Deno.env: workers have no access to environment variables (permission: env)',
  );
}

var env = {
  get: refuseEnv,
  has: refuseEnv,
  set: refuseEnv,
  delete: refuseEnv,
  toObject: refuseEnv,
};

/** How many parameters each of the file functions has. */
var FILES = {
  readFile: 2,
  readTextFile: 2,
  writeFile: 2,
  writeTextFile: 2,
  readDir: 1,
  stat: 1,
  lstat: 1,
  remove: 1,
  mkdir: 2,
  rename: 2,
  copyFile: 2,
  truncate: 2,
};

/** Whole families of permissions that the answer is known for without asking; net and sys depend on what exactly. */
var PERMISSIONS = {
  read: 'granted',
  write: 'granted',
  net: 'prompt',
  env: 'denied',
  run: 'denied',
  ffi: 'denied',
  import: 'denied',
  sys: 'denied',
  hrtime: 'granted',
};

var SYSTEM = { hostname: true, loadavg: true };

function stateOf(descriptor) {
  var name = Object(descriptor).name;
  if (name === 'sys' && SYSTEM[descriptor.kind] === true) return 'granted';
  if (typeof PERMISSIONS[name] !== 'string') {
    throw new TypeError("The provided value '" + String(name) + "' is not a permission name");
  }
  return PERMISSIONS[name];
}

function statusOf(descriptor) {
  return { state: stateOf(descriptor), onchange: null, partial: false };
}

function ask(descriptor) {
  try {
    return Promise.resolve(statusOf(descriptor));
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Nobody can be asked for more than the node's settings give, so a request is a query. */
var permissions = { query: ask, request: ask, querySync: statusOf, requestSync: statusOf };

function checkListener(signal, listener) {
  if (signal !== 'SIGTERM' && signal !== 'SIGINT') {
    throw new TypeError('amid only supports SIGTERM and SIGINT, but got ' + String(signal));
  }
  if (typeof listener !== 'function') throw new TypeError('The listener must be a function');
}

function checkExitCode(code) {
  if (code === undefined) return 0;
  if (typeof code !== 'number' || code !== Math.trunc(code) || code !== (code | 0)) {
    throw new TypeError('The exit code must be an integer, not ' + String(code));
  }
  return code;
}

function makeMembers(host) {
  return {
    args: [],
    noColor: true,
    mainModule: 'file:///worker.js',
    env: env,
    permissions: permissions,
    version: { deno: DENO_VERSION, v8: ENGINE_VERSION, typescript: TYPESCRIPT_VERSION },
    get errors() {
      return replace(this, 'errors', makeErrors());
    },
    get build() {
      var arch = host.about().arch;
      return replace(this, 'build', {
        target: arch + '-unknown-linux-gnu',
        arch: arch,
        os: 'linux',
        vendor: 'unknown',
        env: 'gnu',
      });
    },
    get pid() {
      return host.about().pid;
    },
    cwd() {
      return '/';
    },
    hostname() {
      return host.about().hostname;
    },
    /** At most five seconds old. */
    loadavg() {
      return host.about().loadavg;
    },
    memoryUsage() {
      var heap = host.heap();
      return { rss: heap.held, heapTotal: heap.held, heapUsed: heap.used, external: 0 };
    },
    metrics() {
      return metricsOf(host.counters());
    },
    inspect(value) {
      return typeof value === 'string' ? JSON.stringify(value) : formatValue(value);
    },
    /** (handler), (options, handler) or ({handler, …}) */
    serve(first, second) {
      return loadServe().serve(first, second);
    },
    isatty() {
      return false;
    },
    refTimer(id) {
      holdTimerId(id, true);
    },
    unrefTimer(id) {
      holdTimerId(id, false);
    },
    /** A stop is SIGTERM. SIGINT is accepted because scripts listen to both, and never comes. */
    addSignalListener(signal, listener) {
      checkListener(signal, listener);
      if (signal === 'SIGTERM') addSignalListener(listener);
    },
    removeSignalListener(signal, listener) {
      checkListener(signal, listener);
      if (signal === 'SIGTERM') removeSignalListener(listener);
    },
    exit(code) {
      host.exit(checkExitCode(code));
      // The runner ends the turn at the engine's next look at its limits, which nothing of the script's can catch.
      for (;;);
    },
  };
}

/** A member that is made when first looked at. */
function replace(object, name, value) {
  Object.defineProperty(object, name, {
    value: value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
  return value;
}

/** What of Deno would have to block: a turn never waits (RULES 19). */
function blocking(name, instead) {
  return {
    refuse() {
      throw namedError(
        'NotSupported',
        'Deno.' + name + ' is not supported: a worker cannot block; use await Deno.' + instead,
      );
    },
  }.refuse;
}

var handler = {
  get(target, key) {
    if (key in target || typeof key === 'symbol') return target[key];
    var instead = asyncNameOf(key);
    if (instead !== null) return replace(target, key, blocking(key, instead));
    return isLacking(key) ? absent('Deno.' + key) : undefined;
  },
};

/**
 * @param {object} global
 * @param {object} host the C functions
 */
export function installDeno(global, host) {
  var members = makeMembers(host);
  lazyMethods(members, loadFiles, FILES);
  Object.defineProperty(members, Symbol.toStringTag, { value: 'Deno', configurable: true });
  Object.defineProperty(global, 'Deno', {
    value: new NativeProxy(members, handler),
    writable: true,
    enumerable: false,
    configurable: true,
  });
}
