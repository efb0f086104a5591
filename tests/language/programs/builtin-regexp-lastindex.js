// lastIndex in loops, with test, exec, match, replace, split, and when it is beyond the end.
const re = /o/g;
const s = 'foo boo';
const at = [];
let m;
while ((m = re.exec(s))) at.push(m.index, re.lastIndex);
console.log(at.join(), re.lastIndex);
re.lastIndex = 2;
console.log(re.test(s), re.lastIndex, s.replace(re, '0'), re.lastIndex, s.match(re).length, re.lastIndex, s.search(re), s.split(re).length);
re.lastIndex = 99;
console.log(re.test(s), re.lastIndex, re.exec('') === null);
const plain = /o/;
plain.lastIndex = 5;
console.log(plain.test(s), plain.lastIndex, /(?:)/g.exec('ab').index);
const empty = /x*/g;
const found = [];
while ((m = empty.exec('axb')) && found.length < 9) {
  found.push(m.index + m[0]);
  if (m[0] === '') empty.lastIndex++;
}
console.log(found.join());
