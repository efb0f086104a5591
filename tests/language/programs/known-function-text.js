// The text of a function is not kept.
console.log(String(function add(a, b) { return a + b; }));
