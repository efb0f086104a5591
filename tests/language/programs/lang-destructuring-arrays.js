const [a, , b = 5, ...[c, d = 'd']] = [1, 2, undefined, 4]; console.log(a, b, c, d);
let x = 1, y = 2; [x, y] = [y, x]; console.log(x, y); [x, [y, x = y]] = [10, [20]]; console.log(x, y);
const [e = f(), g = e] = []; function f() { return 'called'; } console.log(e, g);
const [h, ...i] = 'héllo'; console.log(h, i.join('')); const [[[j]]] = [[['deep']]]; console.log(j);
const arr = [1, 2, 3]; [arr[0], arr[1]] = [arr[1], arr[0]]; console.log(arr.join()); let z; console.log(([z] = [7, 8]).length, z);
const fn = ([p, q] = [1, 2], { r = 3 } = {}) => p + q + r; console.log(fn(), fn([5, 5]), fn([1, 1], { r: 1 })); const [n = 1] = [null]; console.log(n);
