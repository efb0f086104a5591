// Functions: length, name, call, apply, bind, closures, currying, arguments.
function f(a, b = 1, ...c) {
  return [this?.x, a, b, c.length].join();
}
console.log(f.name, ((a, b) => 1).length, (() => 1).name, f.call({ x: 1 }, 2), f.apply({ x: 2 }, [3, 4, 5, 6]), f.bind({ x: 3 }, 7)(8));
const curry = (fn) => (...a) => (a.length >= fn.length ? fn(...a) : (...b) => curry(fn)(...a, ...b));
console.log(curry((a, b, c) => a + b + c)(1)(2)(3), curry((a, b) => a * b)(3, 4));
const fact = (n) => (n <= 1 ? 1 : n * fact(n - 1));
const fib = (() => {
  const m = {};
  return function fib(n) {
    return m[n] ?? (m[n] = n < 2 ? n : fib(n - 1) + fib(n - 2));
  };
})();
console.log(fact(10), fib(60), [1, 2, 3].map(Number.prototype.toFixed.call.bind(Number.prototype.toFixed)).join(), typeof Function.prototype, new Function('a', 'b', 'return a + b')(1, 2));
function args() {
  return [arguments.length, [].slice.call(arguments, 1).join(), typeof arguments, Array.isArray(arguments)].join('/');
}
console.log(args(1, 2, 3), args(...'ab', ...[1]), args.call(null));
const o = { m() { return () => this.v; }, v: 9 };
console.log(o.m()(), (0, o.m).call({ v: 1 })(), [3, 1, 2].sort(((a, b) => a - b).bind()).join());
