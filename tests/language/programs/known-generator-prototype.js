// The prototype property of a generator function plays no role.
function* g() {} g.prototype.extra = 1; console.log(g().extra, g() instanceof g);
