/** Function.prototype.toString in the shape that scripts look for. */
import { methods } from './install.js';

var native = Function.prototype.toString;

export function installFunction() {
  methods(Function.prototype, {
    toString() {
      var text = native.call(this);
      return text.replace(
        /^function ([^(]*)\(\) \{ \[(?:ecmascript|bound|native) code\] \}$/,
        'function $1() { [native code] }',
      );
    },
  });
}
