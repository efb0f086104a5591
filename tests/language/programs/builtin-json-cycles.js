// Circular structures are refused, repeated ones are not.
const o = { name: 'o' };
o.self = o;
try {
  JSON.stringify(o);
} catch (e) {
  console.log(e.name, e.message.split('\n')[0]);
}
const shared = { x: 1 };
console.log(JSON.stringify([shared, shared, { shared }]));
const arr = [];
arr.push(arr);
try {
  JSON.stringify(arr);
} catch (e) {
  console.log(e instanceof TypeError);
}
