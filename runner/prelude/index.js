/**
 * The prelude: evaluated once in the zygote's heap, its result `boot` is called there with the host's functions and
 * leaves behind the world that worker scripts see.
 */
import { hide, globalClass, constant } from './install.js';
import { installErrors, DOMException } from './error.js';
import { installCollections } from './collections.js';
import { Promise, installPromiseSpecies } from './promise.js';
import { queueMicrotask } from './microtasks.js';
import { installArray } from './array.js';
import { installObject } from './object.js';
import { installString } from './string.js';
import { installNumber } from './number.js';
import { installMath } from './math.js';
import loadTypedArrays from './typedarray.js?lazy';
import { installJson } from './json.js';
import loadReflect from './reflect.js?lazy';
import { ARRAY_KINDS } from './natives.js';
import { installDate } from './date.js';
import { installFunction } from './functions.js';
import { installShapes } from './shapes.js';
import loadClone from './clone.js?lazy';
import { installPerformance, beginTime } from './performance.js';
import { installWeb } from './web/index.js';
import { installNet } from './net/index.js';
import { setWebHost } from './web/host.js';
import { timerGlobals, beginTurn } from './timers.js';
import { installLogger, setLogLevel } from './logger.js';
import loadDeno from './deno.js?lazy';
import { installAbsent } from './absent.js';
import { installStels, updateConfig } from './stels.js';
import { setKvHost } from './kv.js';
import { setRequestHost } from './requests.js';
import { setWalletHost } from './wallet.js';
import { installMessages } from './messages.js';
import { setLineTable, mapStack } from './stack.js';
import { makeEnv } from './env.js';
import { installModules, setModules } from './modules.js';
import { lazyMethods, lazyGlobals } from './lazy.js';
import { installLang } from './lang/index.js';
import { forgetCoroutines } from './lang/coroutine.js';
import {
  isStopRequested,
  setIterationHost,
  loadBody,
  configureIteration,
  runIteration,
  drain,
  runTimers,
  stopIteration,
  receiveReply,
  exitIteration,
} from './iteration.js';

/** The engine's own globals, which scripts do not see (RULES 26). */
var ENGINE_GLOBALS = ['Duktape', 'CBOR', 'Buffer', 'print', 'alert', 'readFile', 'writeFile'];

function installGlobals(global) {
  globalClass(global, 'Promise', Promise, 1);
  hide(global, 'queueMicrotask', queueMicrotask);
  hide(global, 'shouldStop', { shouldStop: isStopRequested }.shouldStop);
  constant(queueMicrotask, 'name', 'queueMicrotask');
  lazyMethods(global, loadClone, { structuredClone: 1 });
  Object.keys(timerGlobals).forEach(function (name) {
    hide(global, name, timerGlobals[name]);
  });
  installPromiseSpecies(Symbol.species);
}

function installTypedArrays(global) {
  lazyGlobals(
    global,
    ARRAY_KINDS,
    {
      install() {
        loadTypedArrays().installTypedArrays(global);
      },
    }.install,
  );
}

function installReflect(global) {
  lazyMethods(Reflect, loadReflect, { get: 2, set: 3, construct: 2 });
  constant(Reflect, Symbol.toStringTag, 'Reflect');
  lazyGlobals(
    global,
    ['Proxy'],
    {
      install() {
        loadReflect().installProxy(global);
      },
    }.install,
  );
}

function installDeno(global, host) {
  lazyGlobals(
    global,
    ['Deno'],
    {
      install() {
        loadDeno().installDeno(global, host);
      },
    }.install,
  );
}

function installWorld(global, host) {
  installErrors(global);
  installCollections(global);
  installArray();
  installObject();
  installString();
  installNumber();
  installMath();
  installTypedArrays(global);
  installJson();
  installReflect(global);
  installDate(global);
  installFunction();
  installGlobals(global);
  installLogger(global, host);
  installPerformance(global, host);
  installStels(global);
  installWeb(global);
  installNet(global);
  installDeno(global, host);
  installAbsent(global);
}

function configure(json) {
  var changes = JSON.parse(json);
  configureIteration(changes);
  if (changes.logLevel !== undefined) setLogLevel(changes.logLevel);
  updateConfig(changes);
}

/**
 * @param {object} host the C functions of the runner
 * @returns {object} what the runner calls
 */
export function boot(host) {
  var global = globalThis;
  var Thread = global.Duktape.Thread;
  installMessages(global.Duktape);
  ENGINE_GLOBALS.forEach(function (name) {
    delete global[name];
  });
  installWorld(global, host);
  setIterationHost(host);
  setKvHost(host);
  setRequestHost(host);
  setWebHost(host);
  setWalletHost(host);
  installModules(global, host);
  installLang(makeEnv(global, Thread));
  installShapes(global);
  return {
    load: function (body, configJson, lineTable, modulesJson) {
      beginTime();
      setLineTable(lineTable);
      setModules(modulesJson);
      configure(configJson);
      loadBody(body);
    },
    run: runIteration,
    configure: configure,
    stop: function () {
      stopIteration(new DOMException('The worker is being stopped', 'AbortError'));
    },
    /** After Deno.exit, once the turn that called it is undone. */
    exit: function (code) {
      forgetCoroutines();
      exitIteration(code);
    },
    reply: receiveReply,
    timers: runTimers,
    drain: function (budgetMs) {
      beginTurn();
      return drain(budgetMs);
    },
    // For what the runner itself reports: a raw trace, its first line as it is, the frames in the owner's lines.
    mapStack: function (raw) {
      return mapStack({ name: '', message: raw.split('\n')[0] }, raw);
    },
  };
}
