// Money, percentages, durations and byte sizes as people read them.
const dur = (ms) => [[86400000, 'd'], [3600000, 'h'], [60000, 'm'], [1000, 's']].reduce(([out, rest], [u, l]) => (rest >= u ? [out + Math.floor(rest / u) + l, rest % u] : [out, rest]), ['', ms])[0] || '0s';
const size = (b) => {
  const i = b ? Math.floor(Math.log2(b) / 10) : 0;
  return `${+(b / 1024 ** i).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][i]}`;
};
console.log([0, 999, 61000, 3723000, 90061000].map(dur).join(' '), [0, 512, 1536, 1048576, 5e9].map(size).join(', '));
console.log([1234.5, 0.005, -7, 1e6].map((n) => n.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })).join(' '), (0.1234).toLocaleString('en-US', { style: 'percent' }), (12).toString().padStart(5, '0'), Math.round(2.345 * 100) / 100, +(2.345).toFixed(2));
const roman = (n) => [[1000, 'M'], [900, 'CM'], [500, 'D'], [400, 'CD'], [100, 'C'], [90, 'XC'], [50, 'L'], [40, 'XL'], [10, 'X'], [9, 'IX'], [5, 'V'], [4, 'IV'], [1, 'I']].reduce(([s, r], [v, l]) => [s + l.repeat(Math.floor(r / v)), r % v], ['', n])[0];
console.log([1, 4, 1994, 2024, 3999].map(roman).join());
