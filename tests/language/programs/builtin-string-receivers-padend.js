// String.prototype.padEnd with receivers and arguments of all kinds.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const m = String.prototype.padEnd; for (const s of ['banana', '', ' x ', '😀é', 123, true, ['a', 'b'], { toString: () => 'obj' }, null, undefined]) console.log(String(s), [0, 1, -1, 2.7, '1', null, undefined, NaN, true, [1], { valueOf: () => 2 }].map((a) => JSON.stringify(t(() => m.call(s, a))) ?? 'undef').join(' ')); console.log(t(() => m.call(Symbol('x'))), JSON.stringify(t(() => m.call('abc'))), t(() => m.call('abc', Symbol('y'))) === 'TypeError');
