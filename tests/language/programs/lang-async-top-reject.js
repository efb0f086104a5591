console.log('a');
await Promise.reject(new TypeError('rejected await'));
