// A thenable's then is called in its own job, once, with resolving functions.
const log = [];
const thenable = {
  then(resolve, reject) {
    log.push('then called');
    resolve('first');
    resolve('second');
    reject(new Error('ignored'));
    throw new Error('ignored too');
  },
};
const p = Promise.resolve(thenable).then((v) => log.push(v));
log.push('sync');
await p;
console.log(log.join(' | '));
