/** Math: what the engine lacks or gets wrong. */
import { methods } from './install.js';
import { lazyMethods } from './lazy.js';
import loadFunctions from './math-functions.js?lazy';

var nativeCbrt = Math.cbrt;

var added = {
  cbrt(x) {
    var root = nativeCbrt(+x);
    // One step of Newton's: the engine's root of 27 is not 3.
    if (root === 0 || root !== root || Math.abs(root) === Infinity) return root;
    return root - (root * root * root - x) / (3 * root * root);
  },
};

function functions() {
  return loadFunctions().mathFunctions;
}

export function installMath() {
  methods(Math, added);
  lazyMethods(Math, functions, {
    acosh: 1,
    asinh: 1,
    atanh: 1,
    cosh: 1,
    expm1: 1,
    fround: 1,
    log1p: 1,
    sinh: 1,
    tanh: 1,
  });
}
