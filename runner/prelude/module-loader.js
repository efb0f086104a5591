/**
 * Runs the files of packages, which came compiled with the worker: CommonJS and ES modules, as Node does it where both
 * meet. A file runs once in the life of the process, when it is first asked for; what it asks for was looked up before
 * and is in its `links`, from 'i' or 'r' (import or require) and the specifier to the number of a file.
 */
import { constant, hide } from './install.js';
import loadBlockchain from './blockchain.js?lazy';
import { Promise } from './promise.js';
import { setModulePlace } from './stack.js';

var FILE_PREFIX = 'module:';
var BUILT_IN = {
  gliesereum() {
    return loadBlockchain().gliesereum();
  },
};

/** Where a file is in its life. */
var FRESH = 0;
var RUNNING = 1;
var DONE = 2;

function getterOf(source, key) {
  return {
    get() {
      return source[key];
    },
  }.get;
}

function define(target, name, getter) {
  Object.defineProperty(target, name, { get: getter, enumerable: true, configurable: false });
}

/** A module's namespace object, to which only the loader adds. */
function makeNamespace() {
  var namespace = Object.create(null);
  constant(namespace, Symbol.toStringTag, 'Module');
  return namespace;
}

/** What `import` sees of something that is not an ES module: its members, and itself as the default. */
function namespaceOf(value, names) {
  var namespace = makeNamespace();
  var isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  var keys = isObject ? Object.keys(value).concat(names) : [];
  for (var i = 0; i < keys.length; i++) {
    if (keys[i] === 'default' || keys[i] in namespace || !(keys[i] in value)) continue;
    define(namespace, keys[i], getterOf(value, keys[i]));
  }
  namespace.default = value;
  return namespace;
}

function folderOf(id) {
  return id.slice(0, id.lastIndexOf('/'));
}

/**
 * @param {{compile: function(string, string): Function}} host
 * @param {string} json {links, modules: [{id, kind, code, lines, links} or {id, error}]}, '' for none
 */
export function makeLoader(host, json) {
  var graph = json === '' ? { links: {}, modules: [] } : JSON.parse(json);
  var modules = graph.modules;
  var builtIns = {};
  var script = linker('the script', graph.links);

  function builtIn(specifier) {
    if (builtIns[specifier] === undefined) builtIns[specifier] = BUILT_IN[specifier]();
    return builtIns[specifier];
  }

  function missing(specifier, from) {
    var error = new Error(
      "Cannot find module '" +
        specifier +
        "' from " +
        from +
        ": it is none of the worker's dependencies, or no file of theirs",
    );
    hide(error, 'code', 'MODULE_NOT_FOUND');
    return error;
  }

  function checkNames(module, namespace, names, specifier) {
    for (var i = 0; i < names.length; i++) {
      if (names[i] in namespace || (module.kind !== 'module' && module.state !== DONE)) continue;
      throw new SyntaxError(
        "The module '" + specifier + "' does not provide an export named '" + names[i] + "'",
      );
    }
  }

  /** The three ways to ask for something, for one file. */
  function linker(from, links) {
    function find(letter, specifier) {
      var number = links[letter + specifier];
      if (typeof number !== 'number') throw missing(specifier, from);
      return run(modules[number]);
    }
    function importModule(specifier, names) {
      var module, namespace;
      if (Object.prototype.hasOwnProperty.call(BUILT_IN, specifier))
        return builtInNamespace(specifier, names);
      module = find('i', specifier);
      namespace = module.kind === 'module' ? module.exports : namespaceOf(valueOf(module), names);
      checkNames(module, namespace, names, specifier);
      return namespace;
    }
    importModule.exports = addExports;
    importModule.all = addAll;
    return {
      importModule: importModule,
      require(specifier) {
        if (typeof specifier !== 'string')
          throw new TypeError('require() takes the name of a module, a string');
        if (Object.prototype.hasOwnProperty.call(BUILT_IN, specifier)) return builtIn(specifier);
        return valueOf(find('r', specifier));
      },
      dynamicImport(specifier) {
        return new Promise(function (resolve) {
          resolve(importModule(String(specifier), []));
        });
      },
    };
  }

  function builtInNamespace(specifier, names) {
    var namespace = namespaceOf(builtIn(specifier), []);
    checkNames({ kind: 'module' }, namespace, names, specifier);
    return namespace;
  }

  function valueOf(module) {
    return module.kind === 'commonjs' ? module.module.exports : module.exports;
  }

  function run(module) {
    if (module.state === DONE || module.state === RUNNING) return module;
    if (module.failure !== undefined) throw module.failure.error;
    if (module.error !== undefined)
      throw new SyntaxError(module.id + ' could not be compiled: ' + module.error);
    module.state = RUNNING;
    try {
      begin(module);
      module.state = DONE;
    } catch (error) {
      module.state = FRESH;
      // As elsewhere: CommonJS tries again when asked again, an ES module has failed for good.
      if (module.kind === 'module') module.failure = { error: error };
      throw error;
    }
    return module;
  }

  function begin(module) {
    var own;
    if (module.kind === 'json') {
      module.exports = JSON.parse(module.code);
      return;
    }
    own = linker(module.id, module.links);
    if (module.body === undefined) {
      module.body = host.compile(module.code, FILE_PREFIX + modules.indexOf(module))();
      module.code = undefined;
    }
    if (module.kind === 'module') {
      module.exports = makeNamespace();
      hide(module.exports, '__esModule', true);
      module.body.call(undefined, module.exports, own.importModule, own.dynamicImport);
      Object.preventExtensions(module.exports);
    } else {
      runCommonJs(module, own);
    }
  }

  function runCommonJs(module, own) {
    var object = { exports: {}, id: module.id, filename: '/' + module.id, loaded: false };
    module.module = object;
    object.require = own.require;
    own.require.cache = {};
    own.require.main = undefined;
    module.body.call(
      object.exports,
      object.exports,
      own.require,
      object,
      object.filename,
      folderOf(object.filename),
      own.importModule,
      own.dynamicImport,
    );
    object.loaded = true;
  }

  modules.forEach(function (module) {
    module.state = FRESH;
  });
  setModulePlace(function (number, line) {
    var module = modules[number];
    if (module === undefined) return '';
    if (typeof module.lines === 'string') module.lines = module.lines.split(',');
    return module.id + ':' + (+module.lines[line - 1] || line);
  });
  return script;
}

/** `export`: getters, so that whoever imports sees what the variable holds when it looks. */
function addExports(exports, getters) {
  for (var name in getters) define(exports, name, getters[name]);
}

/** `export * from`: all but the default, unless the module has such a name itself. */
function addAll(exports, namespace) {
  Object.keys(namespace).forEach(function (name) {
    if (name !== 'default' && !(name in exports)) define(exports, name, getterOf(namespace, name));
  });
}
