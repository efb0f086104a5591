// Own names of functions that only old engines show.
console.log(Object.getOwnPropertyNames(class {}).sort().join());
