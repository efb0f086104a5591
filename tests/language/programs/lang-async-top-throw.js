console.log('a');
await null;
throw new RangeError('top level');
