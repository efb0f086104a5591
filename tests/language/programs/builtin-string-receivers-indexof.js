// String.prototype.indexOf with receivers and arguments of all kinds.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const m = String.prototype.indexOf; for (const s of ['banana', '', ' x ', '😀é', 123, true, ['a', 'b'], { toString: () => 'obj' }, null, undefined]) console.log(String(s), ['a', '', 'b', null, undefined, 1, true, ['a'], { toString: () => 'n' }].map((a) => JSON.stringify(t(() => m.call(s, a))) ?? 'undef').join(' ')); console.log(t(() => m.call(Symbol('x'))), JSON.stringify(t(() => m.call('abc'))), t(() => m.call('abc', Symbol('y'))) === 'TypeError');
