// Functions that are async or generators say that they are plain ones, and can be constructed.
const t = (f) => { try { return typeof f(); } catch (e) { return e.name; } };
console.log((async () => 1).constructor.name, Object.prototype.toString.call(function* () {}), t(() => new (async function () {})()), t(() => new (function* () {})()));
