class A { a = 1; b = this.a + 1; c; 'quoted key' = 'q'; [`comp${1}`] = 'c'; static count = 0; static list = [A.count, this.count]; arrow = () => this.a; fn = function () { return this === undefined ? 'undef' : 'obj'; }; constructor(z) { this.z = z; A.count++; } }
const x = new A('z');
console.log(JSON.stringify(x), 'c' in x, Object.keys(x).join());
console.log(A.count, A.list.join(), x.arrow.call(null), x.fn(), A.name);
class B extends A { a = 10; d = super.constructor.name; e = this.b; }
const y = new B('bz');
console.log(y.a, y.b, y.d, y.e, y.arrow(), Object.keys(y).join());
