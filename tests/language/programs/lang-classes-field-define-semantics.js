const log = [];
class Base { set v(x) { log.push('setter ' + x); } get v() { return 'from getter'; } }
class D extends Base { v = 'own'; }
const d = new D();
console.log(d.v, log.length, Object.getOwnPropertyDescriptor(d, 'v').writable);
class E { ro = 1; static { Object.defineProperty(E.prototype, 'ro', { value: 5, writable: false }); } }
console.log(new E().ro);
