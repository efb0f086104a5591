// ToNumber of every kind of value and many spellings of strings.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
for (const s of ['', ' ', '\n\t', '0', '-0', '+0', '1e3', '1E+3', '1e-7', '.5', '5.', '.', '0x1F', '0X1f', '0b101', '0B2', '0o17', '0O8', '1_000', 'Infinity', '-Infinity', '+Infinity', 'infinity', 'INF', '1 2', '\u00a01\ufeff', '1\u2028', '١', '1n', '0x', '1e', '1e1000', '-1e1000', '0.0000001', '123456789012345678901234567890'])
  console.log(JSON.stringify(s), Object.is(Number(s), -0) ? '-0' : Number(s));
console.log(+true, +false, +null, +undefined, +[], +[7], +[1, 2], +{}, +new Date(5), +(() => 1));
console.log(t(() => +Symbol()), t(() => Number(Symbol.iterator)), +{ valueOf: () => '12' }, +{ toString: () => '0x10' });
console.log(+{ valueOf: () => ({}), toString: () => '9' }, t(() => +{ valueOf: () => ({}), toString: () => ({}) }));
