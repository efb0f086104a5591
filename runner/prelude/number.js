/** Number: other radixes for fractions as V8 writes them, and toLocaleString as in en-US. */
import { methods } from './install.js';
import loadTexts from './number-texts.js?lazy';

var nativeToString = Number.prototype.toString;

function valueOf(value) {
  return typeof value === 'number' ? value : Number.prototype.valueOf.call(value);
}

export function installNumber() {
  methods(
    Number.prototype,
    {
      toString(radix) {
        var value = valueOf(this);
        if (radix === undefined || radix === 10) return nativeToString.call(value);
        radix = Math.trunc(+radix);
        if (!(radix >= 2 && radix <= 36))
          throw new RangeError('toString() radix argument must be between 2 and 36');
        if (value % 1 === 0 && Math.abs(value) < 0x20000000000000)
          return nativeToString.call(value, radix);
        if (!isFinite(value)) return nativeToString.call(value);
        return (value < 0 ? '-' : '') + loadTexts().inRadix(Math.abs(value), radix);
      },
      toLocaleString(locales, options) {
        return loadTexts().numberForPeople(valueOf(this), options);
      },
    },
    { toString: 1, toLocaleString: 0 },
  );
}
