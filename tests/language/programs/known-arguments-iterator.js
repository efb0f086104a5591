// arguments has no Symbol.iterator to be read, though it is iterable everywhere.
(function () { console.log(typeof arguments[Symbol.iterator], [...arguments].length); })(1, 2);
