/** Regular expression literals: what the engine itself does not know is left to the runtime's own expressions. */
import { parsePattern, needsOwnMatcher } from '../prelude/lang/pattern.js';

/**
 * Reports a faulty literal.
 * @returns {boolean} whether it has to be made by the runtime
 */
export function checkRegularExpression(node, errors) {
  var slash = node.text.lastIndexOf('/');
  var pattern = node.text.slice(1, slash);
  var flags = node.text.slice(slash + 1);
  try {
    return needsOwnMatcher(parsePattern(pattern, flags), pattern);
  } catch (error) {
    errors.add(node, error.message);
    return false;
  }
}
