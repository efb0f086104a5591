// length as a property: truncation, growth, non-index keys.
const a = [1, 2, 3];
a.length = 5;
console.log(a.length, 4 in a, a.join());
a[7] = 'x';
console.log(a.length, Object.keys(a).join());
a['2'] = 'two';
a['02'] = 'other';
a.prop = 1;
console.log(a.length, a[2], Object.keys(a).join(), JSON.stringify(a));
delete a[0];
console.log(0 in a, a.length, a.indexOf(undefined), a.findIndex((v) => v === undefined));
a.length = 0;
console.log(JSON.stringify(a), a.prop);
for (const bad of [-1, 1.5, 'x', 2 ** 32]) {
  try {
    a.length = bad;
  } catch (e) {
    console.log(e.name, e.message);
  }
}
