// __proto__ as a computed or shorthand name sets the prototype.
const __proto__ = []; console.log(Object.hasOwn({ ['__proto__']: 5 }, '__proto__'), Object.hasOwn({ __proto__ }, '__proto__'));
