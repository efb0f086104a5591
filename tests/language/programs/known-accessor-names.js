// The names of accessor functions lack get and set.
console.log(Object.getOwnPropertyDescriptor({ get x() { return 1; } }, 'x').get.name, Object.getOwnPropertyDescriptor(Map.prototype, 'size').get.name);
