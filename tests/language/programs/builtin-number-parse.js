// Texts that are numbers and texts that are not.
const texts = ['12', ' 12 ', '12px', '0x1F', '0b101', '0o17', '1e3', '1E-2', '.5', '5.', '-', '+7', '--1', '1_000', '', ' ', '\n', 'Infinity', '-Infinity', 'infinity', 'NaN', '1,5', '１２', '1e1000', '0.1e-400', '00012', '0x', '1n', '\u00a03\ufeff'];
console.log(texts.map((t) => String(Number(t))).join(' '));
console.log(texts.map((t) => String(parseFloat(t))).join(' '));
console.log(texts.map((t) => String(parseInt(t))).join(' '));
console.log([parseInt('101', 2), parseInt('zz', 36), parseInt('9', 8), parseInt('12', 1), parseInt('12', 37), parseInt('0x10', 16), parseInt('0x10', 10), parseInt(null), parseInt('123abc', 10), parseInt(1e21), parseInt(0.0000005)].join(' '));
