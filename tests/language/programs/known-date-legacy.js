// Dates that V8 reads from nearly anything, and a setter without arguments.
console.log(new Date('5').getTime(), isNaN(new Date(0).setMonth()));
