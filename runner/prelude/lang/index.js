/**
 * The part of the language that generated code calls at run time: coroutines, generators, cursors, classes, regular
 * expressions. Every helper is a global that begins with two underscores and is not enumerable.
 *
 * `env` is made by ../env.js, which says what it has: global, Thread, the promise primitives (pendingPromise,
 * resolvePromise, rejectPromise, promiseResolve, performThen, awaitValue), the iterator prototypes and the functions
 * that install members. Modules here may import ../iterators.js and ../install.js, which depend on nothing else.
 */
import { installCoroutines } from './coroutine.js';
import { installCursors } from './cursor.js';
import { installGenerators } from './generator.js';
import { installAsyncGenerators } from './async-generator.js';
import { installClasses } from './classes.js';
import { installPrivateNames } from './private.js';
import { installValues } from './values.js';
import { installReadiness } from './readiness.js';
import { installRegularExpressions } from './regexp.js';

export function installLang(env) {
  installCoroutines(env);
  installCursors(env);
  installGenerators(env);
  installAsyncGenerators(env);
  installClasses(env);
  installPrivateNames(env);
  installValues(env);
  installReadiness(env);
  installRegularExpressions(env);
}
