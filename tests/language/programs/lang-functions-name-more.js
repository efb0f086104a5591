// Names of bound functions, anonymous ones, and the property's attributes.
const a = () => 1; const s = Symbol('x');
console.log(a.bind().name, a.bind().bind().name, JSON.stringify((() => 1).name), JSON.stringify((function () {}).name), JSON.stringify((class {}).name), new Function('return 1').name);
const d = Object.getOwnPropertyDescriptor(a, 'name'); console.log(d.writable, d.enumerable, d.configurable); a.name = 'no'; console.log(a.name); Object.defineProperty(a, 'name', { value: 'yes' }); console.log(a.name, delete a.name, JSON.stringify(a.name));
class K { static name = 'own'; } console.log(K.name); class L { static name() { return 'm'; } } console.log(typeof L.name); const x = (0, function () {}); console.log(JSON.stringify(x.name)); let y = {}; y.z = () => 1; console.log(JSON.stringify(y.z.name)); const arr = [() => 1]; console.log(JSON.stringify(arr[0].name)); (function inner() { console.log(inner.name); })();
