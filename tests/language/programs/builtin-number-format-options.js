// toLocaleString with options over many values.
const xs = [0, 0.5, 1.005, 12.345, 999.995, 1234.5, 99999.99, 1e6, 123456789.123, -0.001, -1234.567, 2.5, 3.5, 0.045];
for (const o of [{}, { maximumFractionDigits: 0 }, { minimumFractionDigits: 2, maximumFractionDigits: 2 }, { maximumFractionDigits: 5 }, { minimumFractionDigits: 1 }, { style: 'percent' }, { style: 'percent', maximumFractionDigits: 1 }, { style: 'currency', currency: 'USD' }, { useGrouping: false }]) {
  console.log(xs.map((x) => x.toLocaleString('en-US', o)).join(' '));
}
