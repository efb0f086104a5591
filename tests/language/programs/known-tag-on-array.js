// Symbol.toStringTag of an array itself is not looked at.
console.log(Object.prototype.toString.call(Object.assign([], { [Symbol.toStringTag]: 'Arr' })));
