class Even { static [Symbol.hasInstance](n) { return n % 2 === 0; } }
console.log(2 instanceof Even, 3 instanceof Even);
class It { static [Symbol.iterator]() { return [1, 2][Symbol.iterator](); } } console.log([...It].join());
class Tag { get [Symbol.toStringTag]() { return 'MyTag'; } } console.log(String(new Tag()));
