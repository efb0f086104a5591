// concat: arrays, array-likes, holes, nested ones, spreadable flags.
const like = { 0: 'x', length: 1 };
console.log(JSON.stringify([1].concat([2], 3, [[4]], like)), [].concat().length, JSON.stringify([, 1].concat([, 2])));
like[Symbol.isConcatSpreadable] = true;
console.log(JSON.stringify([1].concat(like)));
const no = [1, 2];
no[Symbol.isConcatSpreadable] = false;
console.log([0].concat(no).length, JSON.stringify([].concat('ab', null, undefined, true)));
