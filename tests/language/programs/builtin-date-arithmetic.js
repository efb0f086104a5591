// Days between dates, month ends, weeks: what scripts compute.
const day = 86400000;
const a = new Date('2024-02-28');
const b = new Date('2024-03-01');
console.log((b - a) / day, new Date(+a + day).toISOString().slice(0, 10));
const monthEnds = [];
for (let m = 0; m < 12; m++) monthEnds.push(new Date(Date.UTC(2023, m + 1, 0)).getUTCDate());
console.log(monthEnds.join());
const startOfDay = (t) => Math.floor(t / day) * day;
console.log(new Date(startOfDay(1700000000123)).toISOString(), new Date(Math.floor(1700000000123 / 60000) * 60000).toISOString());
const week = (d) => Math.ceil(((d - new Date(Date.UTC(d.getUTCFullYear(), 0, 1))) / day + 1) / 7);
console.log(week(new Date(Date.UTC(2024, 5, 30))), new Date(2024, 0, 1).getDay());
