// splice() without arguments removes everything.
console.log([1, 2].splice().length);
