// Own error classes: name, fields, instanceof, toString, catch by class.
class AppError extends Error {
  constructor(message, code) {
    super(message);
    this.name = 'AppError';
    this.code = code;
  }
  get isApp() {
    return true;
  }
}
class NotFound extends AppError {
  constructor(what) {
    super(`${what} not found`, 404);
    this.what = what;
  }
}
try {
  throw new NotFound('page');
} catch (e) {
  console.log(e instanceof NotFound, e instanceof AppError, e instanceof Error, e.name, e.message, e.code, e.what, e.isApp, String(e), e.constructor.name);
  console.log(Object.keys(e).join(), Object.prototype.toString.call(e), typeof e.stack, e.stack.includes('page not found'));
}
class Plain extends TypeError {}
const p = new Plain('pp', { cause: 1 });
console.log(p.name, p.message, p.cause, p instanceof TypeError, p.constructor.name, p instanceof RangeError);
class Silent extends Error {
  get name() {
    return 'Quiet';
  }
}
console.log(String(new Silent('hush')));
function Old(m) {
  this.message = m;
}
Old.prototype = Object.create(Error.prototype);
Old.prototype.constructor = Old;
Old.prototype.name = 'Old';
console.log(String(new Old('style')), new Old('x') instanceof Error);
