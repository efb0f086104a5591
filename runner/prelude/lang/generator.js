/** Generators: a coroutine behind next, return and throw. */
import {
  RETURNED,
  ReturnSignal,
  YIELDED,
  acquireCoroutine,
  releaseCoroutine,
  resumeCoroutine,
  signal,
  takeOutcome,
  yieldCoroutine,
} from './coroutine.js';
import { getIterator, isObject, notAnObject } from './cursor.js';

var NEW = 0;
var SUSPENDED = 1;
var RUNNING = 2;
var DONE = 3;

function Generator(body) {
  this.__H_state = NEW;
  this.__H_body = body;
  this.__H_coroutine = undefined;
}

function checkGenerator(value, method) {
  if (!(value instanceof Generator) || value.__H_state === undefined) {
    throw new TypeError(method + ' method called on incompatible receiver ' + String(value));
  }
  if (value.__H_state === RUNNING) throw new TypeError('Generator is already running');
}

function run(generator, value, isError) {
  var coroutine = generator.__H_coroutine;
  var isSound, stop, result;
  generator.__H_state = RUNNING;
  isSound = resumeCoroutine(coroutine, value, isError);
  stop = signal;
  result = takeOutcome();
  if (stop === YIELDED) {
    generator.__H_state = SUSPENDED;
    return { value: result, done: false };
  }
  generator.__H_state = DONE;
  generator.__H_coroutine = undefined;
  if (isSound) releaseCoroutine(coroutine);
  if (stop === RETURNED) return { value: result, done: true };
  throw result;
}

function start(generator) {
  var body = generator.__H_body;
  generator.__H_body = undefined;
  generator.__H_coroutine = acquireCoroutine();
  return run(generator, body, false);
}

var generatorMethods = {
  next(value) {
    checkGenerator(this, 'next');
    if (this.__H_state === NEW) return start(this);
    if (this.__H_state === DONE) return { value: undefined, done: true };
    return run(this, value, false);
  },
  return(value) {
    checkGenerator(this, 'return');
    if (this.__H_state === SUSPENDED) return run(this, new ReturnSignal(value), true);
    this.__H_state = DONE;
    this.__H_body = undefined;
    return { value: value, done: true };
  },
  throw(error) {
    checkGenerator(this, 'throw');
    if (this.__H_state === SUSPENDED) return run(this, error, true);
    this.__H_state = DONE;
    this.__H_body = undefined;
    throw error;
  },
};

/** What a catch clause of a generator must not keep. */
function passReturn(error) {
  if (error instanceof ReturnSignal) throw error;
}

/** Hands `throw` on to the inner iterator of yield*; one that has no such method is closed. */
function throwInto(iterator, error) {
  var method = iterator.throw;
  if (method !== undefined && method !== null) return method.call(iterator, error);
  method = iterator.return;
  if (method !== undefined && method !== null) method.call(iterator);
  throw new TypeError("The iterator does not provide a 'throw' method");
}

function yieldStar(iterable) {
  var iterator = getIterator(iterable);
  var next = iterator.next;
  var result = next.call(iterator, undefined);
  var received, method;
  for (;;) {
    if (!isObject(result)) throw notAnObject(result);
    if (result.done) return result.value;
    try {
      received = yieldCoroutine(result.value);
    } catch (error) {
      if (error instanceof ReturnSignal) {
        method = iterator.return;
        if (method === undefined || method === null) throw error;
        result = method.call(iterator, error.value);
        if (!isObject(result)) throw notAnObject(result);
        if (result.done) throw new ReturnSignal(result.value);
      } else {
        result = throwInto(iterator, error);
      }
      continue;
    }
    result = next.call(iterator, received);
  }
}

export function installGenerators(env) {
  var prototype = Object.create(env.iteratorPrototype);
  Generator.prototype = prototype;
  env.methods(prototype, generatorMethods);
  env.constant(prototype, Symbol.toStringTag, 'Generator');
  env.hide(env.global, '__gen', function (body) {
    return new Generator(body);
  });
  env.hide(env.global, '__yield', yieldCoroutine);
  env.hide(env.global, '__yieldStar', yieldStar);
  env.hide(env.global, '__passReturn', passReturn);
}
