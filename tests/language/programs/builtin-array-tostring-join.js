// Joining nested, holed, null and recursive arrays.
console.log([1, [2, [3, null]], undefined, , 'x'].join(';'), String([[], [null], [undefined]]), [1, 2].join(), [1, 2].join(''), [1, 2].join(undefined), [1, 2].join(null));
console.log([{}, Symbol.iterator.toString(), true].map(String).join('|'), [[['deep']]] + '', [] + [], [] + {}, [1] == 1, [1, 2] == '1,2');
console.log(Array(4).join('ab'), [,].toString() === '', Array.prototype.toString.call({ join: () => 'joined' }), Array.prototype.toString.call({}));
