// The length of a function counts parameters with defaults, unless it is async.
console.log(((a, b = 1, c) => 1).length, (async (a, b = 1, c) => 1).length);
