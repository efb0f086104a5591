// DOMException: name, code, constants by name, cause.
const d = new DOMException('gone', 'AbortError');
console.log(d.name, d.message, d.code, d instanceof Error, d instanceof DOMException, String(d), Object.prototype.toString.call(d));
console.log(new DOMException().name, new DOMException('m').message, new DOMException('m', 'Odd').code, new DOMException('t', 'TimeoutError').code, new DOMException('x', 'DataCloneError').code);
try {
  DOMException('x');
} catch (e) {
  console.log(e.name);
}
