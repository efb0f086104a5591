// Promise.all keeps the order of its input, passes plain values, rejects with the first rejection.
const wait = (ms, v) => new Promise((r) => setTimeout(() => r(v), ms));
console.log(JSON.stringify(await Promise.all([wait(6, 'a'), 'b', wait(2, 'c'), Promise.resolve('d')])));
console.log(JSON.stringify(await Promise.all([])));
console.log(JSON.stringify(await Promise.all(new Set([1, Promise.resolve(2)]))));
try {
  await Promise.all([wait(5, 1), Promise.reject(new Error('first')), Promise.reject(new Error('second'))]);
} catch (e) {
  console.log(e.message);
}
try {
  await Promise.all(5);
} catch (e) {
  console.log(e.name);
}
