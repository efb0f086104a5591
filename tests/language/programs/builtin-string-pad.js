// padStart and padEnd: odd lengths, fillers longer than one, empty fillers.
console.log(['5'.padStart(3, '0'), 'abc'.padStart(8, '12'), 'abc'.padEnd(8, '12'), 'abc'.padStart(2), 'x'.padEnd(4) + '|', 'x'.padStart(3, '')].join(','));
console.log('x'.padStart(4, undefined) + '|', 'x'.padStart('3', 'ab'), 'x'.padStart(-1), 'x'.padStart(NaN), 'é'.padEnd(3, '😀').length);
console.log('abc'.padStart(6, 'xyz12345'), 'tab'.padEnd(5.9, '.'), ''.padStart(3, 'ab'));
