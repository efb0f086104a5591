// Errors skip fulfilment handlers, catch brings back to the normal way.
const out = await Promise.reject(new Error('e1'))
  .then(() => 'never')
  .catch((e) => e.message + ' caught')
  .then((v) => {
    throw new Error(v + ', again');
  })
  .then(() => 'never', (e) => e.message + '!');
console.log(out);
console.log(await Promise.resolve(3).then(null, undefined).then('no function').then((v) => v + 1));
console.log(await Promise.reject(4).then(5).catch((v) => v * 2));
