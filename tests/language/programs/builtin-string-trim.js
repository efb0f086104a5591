// trim, trimStart, trimEnd know all of JavaScript's white space.
const ws = '\t\n\v\f\r \u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';
const s = ws + 'a b' + ws;
console.log(JSON.stringify(s.trim()), s.trimStart().length, s.trimEnd().length, '\u200b x'.trim().length, '\u180e'.trim().length);
console.log(String.prototype.trimLeft === String.prototype.trimStart, String.prototype.trimRight.name, ''.trim() === '', '  '.trimEnd() === '');
