class T { static #unit = 'C'; static get unit() { return T.#unit; } static set unit(v) { T.#unit = v.toUpperCase(); } get [Symbol.toStringTag]() { return 'Temp'; } static [Symbol.hasInstance](x) { return x === 5; } }
T.unit = 'f';
console.log(T.unit, Object.prototype.toString.call(new T()), Object.keys(T).length);
