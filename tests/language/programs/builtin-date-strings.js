// Dates as text.
const d = new Date(Date.UTC(2024, 1, 29, 13, 5, 9, 7));
console.log(String(d), '|', d.toISOString(), '|', d.toUTCString(), '|', d.toDateString(), '|', d.toTimeString(), '|', d.toJSON());
for (const t of [0, -1, 8.64e15, -8.64e15, Date.UTC(-1, 0, 1), Date.UTC(12345, 5, 6), -62198755200000]) {
  const x = new Date(t);
  console.log(x.toISOString(), '|', String(x), '|', x.toUTCString());
}
const bad = new Date(NaN);
console.log(String(bad), bad.toDateString(), bad.toUTCString(), bad.getTime(), bad.toJSON());
try {
  bad.toISOString();
} catch (e) {
  console.log(e.name, e.message);
}
console.log(typeof Date(), Date().length > 20, `${d}`.slice(0, 15), d + 1 === String(d) + '1', d - 0 === d.getTime(), typeof (d + 1), new Date(8.64e15 + 1).getTime());
