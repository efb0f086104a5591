/** Async generators: requests are queued and answered one after the other, each with a promise. */
import {
  AWAITING,
  RETURNED,
  ReturnSignal,
  YIELDED,
  acquireCoroutine,
  awaitInCoroutine,
  releaseCoroutine,
  resumeCoroutine,
  signal,
  takeOutcome,
  yieldCoroutine,
} from './coroutine.js';
import { getAsyncIterator, isObject, notAnObject } from './cursor.js';

var NEW = 0;
var SUSPENDED = 1;
var RUNNING = 2;
/** Done, but a `return(promise)` is still being waited for. */
var RETURNING = 3;
var DONE = 4;

var NEXT = 0;
var RETURN = 1;
var THROW = 2;

var env;

function AsyncGenerator(body) {
  this.__H_state = NEW;
  this.__H_body = body;
  this.__H_coroutine = undefined;
  this.__H_requests = [];
}

function answer(generator, isRejected, value, done) {
  var request = generator.__H_requests.shift();
  if (isRejected) env.rejectPromise(request.promise, value);
  else env.resolvePromise(request.promise, { value: value, done: done });
}

/** Looks at why the coroutine stopped; it has not merely awaited. */
function stopped(generator, isSound) {
  var stop = signal;
  var result = takeOutcome();
  if (stop === YIELDED) {
    generator.__H_state = SUSPENDED;
    answer(generator, false, result, false);
    return;
  }
  generator.__H_state = DONE;
  if (isSound) releaseCoroutine(generator.__H_coroutine);
  generator.__H_coroutine = undefined;
  answer(generator, stop !== RETURNED, result, true);
}

/** What a coroutine calls when it goes on after an await; see coroutine.js. */
function Continuation(generator) {
  this.generator = generator;
}
Continuation.prototype.stopped = function (isSound) {
  stopped(this.generator, isSound);
  serve(this.generator);
};

function run(generator, value, isError) {
  var isSound;
  generator.__H_state = RUNNING;
  isSound = resumeCoroutine(generator.__H_coroutine, value, isError);
  if (signal !== AWAITING) stopped(generator, isSound);
}

function start(generator) {
  var body = generator.__H_body;
  generator.__H_body = undefined;
  generator.__H_coroutine = acquireCoroutine();
  generator.__H_coroutine.generator = new Continuation(generator);
  run(generator, body, false);
}

function returned(value, generator) {
  generator.__H_state = DONE;
  answer(generator, false, value, true);
  serve(generator);
}

function returnFailed(reason, generator) {
  generator.__H_state = DONE;
  answer(generator, true, reason, true);
  serve(generator);
}

function serveDone(generator, request) {
  if (request.kind === NEXT) answer(generator, false, undefined, true);
  else if (request.kind === THROW) answer(generator, true, request.value, true);
  else {
    generator.__H_state = RETURNING;
    env.awaitValue(request.value, returned, returnFailed, generator);
  }
}

/** Works on the queue until the generator runs or waits. */
function serve(generator) {
  while (generator.__H_requests.length > 0) {
    var request = generator.__H_requests[0];
    var state = generator.__H_state;
    if (state === RUNNING || state === RETURNING) return;
    if (state === NEW && request.kind !== NEXT) state = generator.__H_state = DONE;
    if (state === DONE) serveDone(generator, request);
    else if (state === NEW) start(generator);
    else if (request.kind === NEXT) run(generator, request.value, false);
    else
      run(
        generator,
        request.kind === RETURN ? new ReturnSignal(request.value) : request.value,
        true,
      );
  }
}

function request(generator, kind, value) {
  var promise = env.pendingPromise();
  if (!(generator instanceof AsyncGenerator) || generator.__H_requests === undefined) {
    env.rejectPromise(
      promise,
      new TypeError('method called on incompatible receiver ' + String(generator)),
    );
    return promise;
  }
  generator.__H_requests.push({ kind: kind, value: value, promise: promise });
  serve(generator);
  return promise;
}

var asyncGeneratorMethods = {
  next(value) {
    return request(this, NEXT, value);
  },
  return(value) {
    return request(this, RETURN, value);
  },
  throw(error) {
    return request(this, THROW, error);
  },
};

/** Passes a value out that has been awaited already; a `return(value)` that comes back awaits its value. */
function yieldAwaited(value) {
  try {
    return yieldCoroutine(value);
  } catch (error) {
    if (error instanceof ReturnSignal) error.value = awaitInCoroutine(error.value);
    throw error;
  }
}

function asyncYield(value) {
  return yieldAwaited(awaitInCoroutine(value));
}

function throwInto(iterator, error) {
  var method = iterator.throw;
  if (method !== undefined && method !== null)
    return awaitInCoroutine(method.call(iterator, error));
  method = iterator.return;
  if (method !== undefined && method !== null) awaitInCoroutine(method.call(iterator));
  throw new TypeError("The iterator does not provide a 'throw' method");
}

function asyncYieldStar(iterable) {
  var iterator = getAsyncIterator(iterable);
  var next = iterator.next;
  var result = awaitInCoroutine(next.call(iterator, undefined));
  var received, method;
  for (;;) {
    if (!isObject(result)) throw notAnObject(result);
    if (result.done) return result.value;
    try {
      received = yieldCoroutine(result.value);
    } catch (error) {
      if (error instanceof ReturnSignal) {
        method = iterator.return;
        if (method === undefined || method === null) {
          error.value = awaitInCoroutine(error.value);
          throw error;
        }
        result = awaitInCoroutine(method.call(iterator, error.value));
        if (!isObject(result)) throw notAnObject(result);
        if (result.done) throw new ReturnSignal(result.value);
      } else {
        result = throwInto(iterator, error);
      }
      continue;
    }
    result = awaitInCoroutine(next.call(iterator, received));
  }
}

export function installAsyncGenerators(lent) {
  var prototype = Object.create(lent.asyncIteratorPrototype);
  env = lent;
  AsyncGenerator.prototype = prototype;
  env.methods(prototype, asyncGeneratorMethods);
  env.constant(prototype, Symbol.toStringTag, 'AsyncGenerator');
  env.hide(env.global, '__agen', function (body) {
    return new AsyncGenerator(body);
  });
  env.hide(env.global, '__asyncYield', asyncYield);
  env.hide(env.global, '__asyncYieldStar', asyncYieldStar);
}
