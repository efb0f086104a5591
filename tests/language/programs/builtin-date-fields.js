// Constructors, fields, setters with overflow.
const d = new Date(2020, 0, 31, 12, 30, 15, 500);
console.log(d.getTime(), d.getFullYear(), d.getMonth(), d.getDate(), d.getDay(), d.getHours(), d.getMinutes(), d.getSeconds(), d.getMilliseconds(), d.getTimezoneOffset());
d.setMonth(1);
console.log(d.toISOString());
d.setDate(0);
console.log(d.toISOString());
d.setHours(25, 61, 61, 1001);
console.log(d.toISOString(), d.setFullYear(2021, 5, 15), d.setTime(0), d.getTime());
console.log(new Date(99, 0).getFullYear(), new Date(2020, 0).getDate(), new Date(2020, 12).toISOString(), new Date(null).getTime(), new Date(undefined).getTime(), new Date(true).getTime());
console.log(Date.UTC(2020, 1), Date.UTC(2020), Date.UTC(), new Date(new Date(5)).getTime(), new Date(2020, 1, 30).getDate(), Math.abs(Date.now() - new Date().getTime()) < 1000);
console.log(new Date(2019, 0, 1) < new Date(2020, 0, 1), [new Date(3), new Date(1), new Date(2)].sort((a, b) => a - b).map(Number).join(), Date.length, Date.name, new Date(0) instanceof Date, Object.prototype.toString.call(new Date()));
class Day extends Date {
  iso() {
    return this.toISOString().slice(0, 10);
  }
}
console.log(new Day(0).iso(), new Day(0) instanceof Day, new Day(2020, 5, 1).iso());
