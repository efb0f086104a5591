// Error.prototype.toString and name, message as properties.
const cases = [
  new Error('m'),
  Object.assign(new Error('m'), { name: 'Custom' }),
  Object.assign(new Error('m'), { name: '' }),
  Object.assign(new Error(''), { name: 'N' }),
  Object.assign(new Error('x'), { message: undefined }),
  { name: 'Obj', message: 'like', __proto__: Error.prototype },
];
console.log(cases.map(String).join(' | '));
console.log(Error.prototype.toString.call({ name: 'A', message: 'b' }), Error.prototype.name, JSON.stringify(Error.prototype.message), Object.keys(new Error('x')).length, 'message' in new Error(), Object.prototype.hasOwnProperty.call(new Error(), 'message'));
const e = new TypeError('t');
e.extra = 1;
console.log(JSON.stringify(e), Object.keys(e).join(), `${e}`, e + '', e.toString === Error.prototype.toString, { ...e }.extra, Object.getOwnPropertyNames(e).includes('message'));
try {
  Error.prototype.toString.call(5);
} catch (x) {
  console.log(x.name);
}
