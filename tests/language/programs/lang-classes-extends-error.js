class AppError extends Error { constructor(message, code) { super(message); this.name = 'AppError'; this.code = code; } describe() { return `${this.name}(${this.code}): ${this.message}`; } }
class NotFound extends AppError { constructor(what) { super(what + ' not found', 404); this.name = 'NotFound'; } get isNotFound() { return true; } }
const e = new NotFound('page');
console.log(e.describe(), e instanceof NotFound, e instanceof AppError, e instanceof Error, String(e), e.isNotFound);
console.log(Object.prototype.toString.call(e), Object.keys(e).join(), e.constructor.name, typeof e.stack, e.stack.includes('not found'));
try { throw e; } catch (err) { console.log(err === e, err.code); }
class T2 extends TypeError {} const t = new T2('tt', { cause: 'why' }); console.log(t.name, t.message, t.cause, t instanceof TypeError, t instanceof T2, String(t));
class Plain extends Error {} console.log(String(new Plain('p')), new Plain().message === '', new Plain() instanceof Plain);
class Agg extends AggregateError {} console.log(new Agg([1, 2], 'agg').errors.join(), new Agg([], 'm') instanceof Agg);
