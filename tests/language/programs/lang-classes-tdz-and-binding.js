try { new Early(); } catch (e) { console.log(e.name + ': ' + e.message); }
class Early {}
console.log(typeof Early);
try { class Self extends Self {} } catch (e) { console.log(e.name); }
class Rebind { static me() { return Rebind; } }
const R2 = Rebind; console.log(R2.me() === R2);
let L = class Inner { static same() { return Inner; } }; const keep = L; L = null; console.log(keep.same() === keep);
function make() { return new Later('x').v; }
class Later { constructor(v) { this.v = v; } }
console.log(make());
