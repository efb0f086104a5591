// toLocaleString as en-US.
console.log([0, 1, 1234.5, -1234567.891, 0.0005, 1e9, 999.9999, NaN, Infinity, -0.5].map((n) => n.toLocaleString()).join(' '));
console.log((1234.5).toLocaleString('en-US', { minimumFractionDigits: 2 }), (1234.567).toLocaleString('en-US', { maximumFractionDigits: 1 }), (0.256).toLocaleString('en-US', { style: 'percent' }), (1234.5).toLocaleString('en-US', { style: 'currency', currency: 'USD' }), (-5).toLocaleString('en-US', { style: 'currency', currency: 'EUR' }));
console.log((12345.678).toLocaleString(undefined, { useGrouping: false }), (2.5).toLocaleString('en-US', { maximumFractionDigits: 0 }), (1e15).toLocaleString(), (0.1234).toLocaleString('en-US', { style: 'percent', minimumFractionDigits: 1 }));
