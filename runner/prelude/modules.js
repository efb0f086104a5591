/**
 * What a script calls for `import`, `import()` and `require`: globals like the other helpers of generated code. The
 * loader, and the text of the modules, wait for the first of them.
 */
import loadLoader from './module-loader.js?lazy';
import { hide } from './install.js';

var host = null;
var text = '';
var script = null;

function linker() {
  if (script === null) {
    script = loadLoader().makeLoader(host, text);
    text = '';
  }
  return script;
}

/** @param {string} [json] what came with the worker: see module-loader.js */
export function setModules(json) {
  text = json === undefined ? '' : json;
}

/**
 * @param {object} global
 * @param {object} functions the host's
 */
export function installModules(global, functions) {
  host = functions;
  hide(
    global,
    '__import',
    {
      importModule(specifier, names) {
        return linker().importModule(specifier, names);
      },
    }.importModule,
  );
  hide(
    global,
    '__dynamicImport',
    {
      dynamicImport(specifier) {
        return linker().dynamicImport(specifier);
      },
    }.dynamicImport,
  );
  hide(
    global,
    '__require',
    {
      require(specifier) {
        return linker().require(specifier);
      },
    }.require,
  );
}
