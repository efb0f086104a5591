// A calendar of two years: days, weeks, leap days, month arithmetic.
const out = [];
for (let y = 2023; y <= 2024; y++) {
  for (let m = 0; m < 12; m++) {
    const first = new Date(Date.UTC(y, m, 1));
    const last = new Date(Date.UTC(y, m + 1, 0));
    out.push(`${first.toISOString().slice(0, 7)}:${first.getUTCDay()}${last.getUTCDate()}`);
  }
}
console.log(out.join(' '));
const addMonths = (d, n) => {
  const r = new Date(d);
  r.setUTCDate(1);
  r.setUTCMonth(r.getUTCMonth() + n);
  r.setUTCDate(Math.min(d.getUTCDate(), new Date(Date.UTC(r.getUTCFullYear(), r.getUTCMonth() + 1, 0)).getUTCDate()));
  return r;
};
console.log([1, 2, 13, -1, -11].map((n) => addMonths(new Date('2024-01-31'), n).toISOString().slice(0, 10)).join());
const isLeap = (y) => new Date(Date.UTC(y, 1, 29)).getUTCMonth() === 1;
console.log([1900, 2000, 2023, 2024, 2100].filter(isLeap).join());
const range = (a, b) => {
  const r = [];
  for (let d = new Date(a); d <= new Date(b); d.setUTCDate(d.getUTCDate() + 1)) r.push(d.getUTCDate());
  return r.join();
};
console.log(range('2024-02-27', '2024-03-02'), range('2023-12-30', '2024-01-02'));
