// Error classes: names, messages, inheritance, cause, AggregateError.
for (const E of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
  const e = new E('m');
  console.log(e.name, e.message, e instanceof E, e instanceof Error, E.name, E.length, String(e), Object.keys(e).length, Object.prototype.toString.call(e), Object.getPrototypeOf(E) === (E === Error ? Function.prototype : Error));
}
const c = new Error('outer', { cause: new TypeError('inner') });
console.log(c.cause.message, 'cause' in c, 'cause' in new Error('x'), 'cause' in new Error('x', {}), Object.keys(c).length, new Error('x', { cause: undefined }).hasOwnProperty('cause'));
console.log(Error('no new') instanceof Error, TypeError('t').name, new Error().message === '', new Error(undefined).hasOwnProperty('message'), new Error(5).message === '5', String(new Error('')));
const a = new AggregateError([1, new Error('x')], 'many', { cause: 'c' });
console.log(a.name, a.message, a.errors.length, a.cause, a instanceof Error, Object.keys(a).length, JSON.stringify(new Error('e')));
