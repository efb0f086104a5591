// Messages of the errors that scripts run into most.
const tries = [
  () => null.x,
  () => undefined.y,
  () => {
    let u;
    return u.deep.er;
  },
  () => {
    const o = {};
    return o.a.b;
  },
  () => {
    null.z = 1;
  },
  () => {
    const arr = undefined;
    return arr[0];
  },
  () => nowhere,
  () => new Array(-1),
  () => 'x'.repeat(-1),
  () => decodeURIComponent('%'),
  () => [1].map(5),
  () => [].find(undefined),
  () => JSON.parse('{bad'),
  () => new Date(NaN).toISOString(),
  () => Object.entries(null),
  () => (function f() {
    f();
  })(),
];
for (const t of tries) {
  try {
    t();
    console.log('no error');
  } catch (e) {
    console.log(e.name + ': ' + e.message.replace(/^Invalid count value.*|^invalid args$/, 'count'));
  }
}
