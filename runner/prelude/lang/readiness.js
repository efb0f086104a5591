/** What generated code calls where a name is used before its declaration has run, or a constant is assigned. */

function tooEarly(name) {
  throw new ReferenceError("Cannot access '" + name + "' before initialization");
}

/** Stands for a name that certainly has no value yet: reading and writing `value` both throw. */
function Early(name) {
  this.name = name;
}
Object.defineProperty(Early.prototype, 'value', {
  get: function () {
    return tooEarly(this.name);
  },
  set: function () {
    tooEarly(this.name);
  },
});

/** Stands for a constant on the left of an assignment. */
function Constant(current) {
  this.current = current;
}
Object.defineProperty(Constant.prototype, 'value', {
  get: function () {
    return this.current;
  },
  set: function () {
    throw new TypeError('Assignment to constant variable.');
  },
});

export function installReadiness(env) {
  env.hide(env.global, '__notReady', tooEarly);
  env.hide(env.global, '__early', function (name) {
    return new Early(name);
  });
  env.hide(env.global, '__constant', function (name, current) {
    return new Constant(current);
  });
}
