// localeCompare for what people sort.
const words = ['zebra', 'apple', 'Apple', 'äpfel', 'Zoo', 'résumé', 'resume', 'Resume', 'été', 'etage', 'a b', 'ab', 'a-b', 'item10', 'item9', '_x', '1', '10', '2', '', 'naïve', 'naive', 'ñu', 'nu', 'nz', 'ß', 'ss'];
const pick = words.filter((w) => w !== 'ß' && w !== 'ss');
console.log([...pick].sort((a, b) => a.localeCompare(b)).join(' '));
console.log('a'.localeCompare('b'), 'b'.localeCompare('a'), 'a'.localeCompare('a'), 'a'.localeCompare('A'), 'A'.localeCompare('b'), 'é'.localeCompare('f'));
console.log('a'.localeCompare('A', undefined, { sensitivity: 'base' }), 'a'.localeCompare('á', undefined, { sensitivity: 'base' }), 'a'.localeCompare('á', undefined, { sensitivity: 'accent' }));
console.log(['item10', 'item9', 'item1'].sort((a, b) => a.localeCompare(b, undefined, { numeric: true })).join());
