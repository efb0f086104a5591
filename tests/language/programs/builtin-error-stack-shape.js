// stack begins with name and message; its frames begin with "    at ".
function thrower() {
  throw new RangeError('deep');
}
try {
  thrower();
} catch (e) {
  const lines = e.stack.split('\n');
  console.log(lines[0], lines.length > 1, lines.slice(1).every((l) => l.startsWith('    at ')), /thrower/.test(lines[1]));
}
const made = new Error('made\nhere');
console.log(made.stack.startsWith('Error: made\nhere\n    at '), typeof new TypeError().stack);
const e = new Error('x');
e.stack = 'own';
console.log(e.stack);
