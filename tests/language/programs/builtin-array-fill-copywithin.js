// fill and copyWithin with all signs of indices, on holes.
console.log(JSON.stringify(new Array(3).fill(0)), JSON.stringify([1, 2, 3, 4].fill('x', 1, 3)), JSON.stringify([1, 2, 3].fill(9, -1)), JSON.stringify([1, 2, 3].fill(9, 5)), JSON.stringify([1, 2, 3].fill()));
console.log(JSON.stringify([1, 2, 3, 4, 5].copyWithin(0, 3)), JSON.stringify([1, 2, 3, 4, 5].copyWithin(1, 0, 3)), JSON.stringify([1, 2, 3, 4, 5].copyWithin(-2, -3, -1)));
const h = [1, , 3, 4];
h.copyWithin(2, 1, 2);
console.log(2 in h, JSON.stringify(h));
const rows = Array.from({ length: 2 }, () => new Array(2).fill(0));
rows[0][0] = 1;
console.log(JSON.stringify(rows));
