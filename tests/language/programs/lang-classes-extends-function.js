function Old(name) { this.name = name; this.init && this.init(); }
Old.prototype.hi = function () { return 'hi ' + this.name; };
Old.stat = 'static';
class New extends Old { init() { this.inited = true; } hi() { return super.hi() + '!'; } }
const n = new New('n'); console.log(n.hi(), n.inited, New.stat, n instanceof Old);
class Null extends null { static s() { return 'null class'; } } console.log(Null.s(), Object.getPrototypeOf(Null.prototype));
for (const bad of [undefined, 5, {}, 'str']) { try { class X extends bad {} console.log('no error'); } catch (e) { console.log(e.name); } }
