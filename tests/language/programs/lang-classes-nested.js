class Outer { #v = 'outer'; static Inner = class { #v = 'inner'; read(o) { return this.#v + o.getV(); } }; getV() { return this.#v; } make() { const self = this; return new (class { get v() { return self.#v; } })(); } }
console.log(new Outer.Inner().read(new Outer()), new Outer().make().v, Outer.Inner.name);
