// A class under a computed name gets no name.
console.log(JSON.stringify({ ['K' + 1]: class {} }.K1.name));
