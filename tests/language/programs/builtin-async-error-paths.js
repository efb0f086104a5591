// Where rejections of async functions end up.
const results = [];
const bad = async (m) => {
  throw new Error(m);
};
const late = async (m) => {
  await null;
  throw new Error(m);
};
await bad('one').catch((e) => results.push(e.message));
try {
  await late('two');
} catch (e) {
  results.push(e.message);
}
const [x, y] = await Promise.allSettled([bad('three'), late('four')]);
results.push(x.reason.message, y.reason.message);
const wrapped = async () => {
  try {
    return await late('five');
  } finally {
    results.push('finally');
  }
};
await wrapped().catch((e) => results.push(e.message));
const unawaited = async () => {
  try {
    return late('six');
  } catch {
    results.push('never');
  }
};
await unawaited().catch((e) => results.push('outside ' + e.message));
console.log(results.join());
