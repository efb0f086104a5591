class Shape { constructor() { if (new.target === Shape) throw new TypeError('abstract'); this.kind = new.target.name; } }
class Circle extends Shape {}
class Small extends Circle { constructor() { super(); this.nt = new.target === Small; } }
try { new Shape(); } catch (e) { console.log(e.message); }
console.log(new Circle().kind, new Small().kind, new Small().nt);
function F() { return new.target === undefined ? 'call' : (this.t = new.target === F, undefined); }
console.log(F(), new F().t);
function G() { const arrow = () => new.target; return arrow() === G ? { ok: 1 } : 'no'; }
console.log(new G().ok, G());
