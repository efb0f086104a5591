// any takes the first fulfilment; without one it rejects with an AggregateError of all reasons.
const fail = (ms, why) => new Promise((_, j) => setTimeout(j, ms, new Error(why)));
const ok = (ms, v) => new Promise((r) => setTimeout(r, ms, v));
console.log(await Promise.any([fail(1, 'x'), ok(6, 'slow'), ok(3, 'fast')]));
try {
  await Promise.any([fail(3, 'one'), fail(1, 'two')]);
} catch (e) {
  console.log(e.name, '|', e.message, '|', e instanceof AggregateError, e.errors.map((x) => x.message).join());
}
try {
  await Promise.any([]);
} catch (e) {
  console.log(e.constructor === AggregateError, e.errors.length);
}
