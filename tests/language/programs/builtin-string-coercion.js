// What becomes of values as text.
const o = { toString: () => 'T', valueOf: () => 5 };
console.log(`${o}`, o + '', String(o), [1, [2, 3]] + '', {} + '', String(null), String(undefined), String(Symbol('d')), `${[]}`, String(-0), `${1e21}`);
console.log(String([null]), String({ [Symbol.toPrimitive]: (h) => h }), `${{ [Symbol.toPrimitive]: (h) => h }}`, +{ [Symbol.toPrimitive]: (h) => (h === 'number' ? 42 : 0) });
for (const f of [() => `${Symbol('x')}`, () => Symbol('x') + '', () => +Symbol('x'), () => String(Object.create(null))]) {
  try {
    f();
    console.log('no error');
  } catch (e) {
    console.log(e.name);
  }
}
console.log(parseInt('12px'), parseInt('0x1f'), parseInt('z', 36), parseInt(''), parseFloat('3.14abc'), parseFloat('.5'), parseFloat('-.5e-2x'), Number(''), Number(' 12 '), Number('1,2'), Number('0b101'), Number('0o17'), Number(null), Number(undefined), Number([]), Number([5]), Number('Infinity'), Number(false));
