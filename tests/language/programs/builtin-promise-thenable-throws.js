// A then getter that throws and a then that throws before resolving reject.
const bad = {
  get then() {
    throw new Error('getter');
  },
};
try {
  await bad;
} catch (e) {
  console.log('caught', e.message);
}
await Promise.resolve({
  then() {
    throw new TypeError('in then');
  },
}).catch((e) => console.log(e.name, e.message));
console.log(await { then: (r) => r('awaited thenable') });
console.log(typeof (await { then: 5 }));
