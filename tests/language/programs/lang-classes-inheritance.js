class Animal { constructor(name) { this.name = name; } speak() { return this.name + ' makes a sound'; } get kind() { return 'animal'; } static create(n) { return new this(n); } toString() { return `[${this.kind} ${this.name}]`; } }
class Dog extends Animal { speak() { return super.speak() + ': woof'; } get kind() { return 'dog/' + super.kind; } }
class Puppy extends Dog { constructor(name) { super(name + ' jr'); this.age = 0; } speak() { return super.speak().toUpperCase(); } }
const p = Puppy.create('Rex');
console.log(p.speak(), String(p), p instanceof Animal, Puppy.name, Object.getPrototypeOf(Puppy) === Dog);
console.log(Dog.create('Fido').speak(), Object.getOwnPropertyNames(p).join());
