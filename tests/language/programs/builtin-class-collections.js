// A typed event log with private state, static factories, iteration and JSON.
class Log {
  #rows = [];
  static #made = 0;
  static from(rows) {
    const l = new Log();
    for (const r of rows) l.add(...r);
    return l;
  }
  constructor() {
    Log.#made++;
  }
  static get made() {
    return Log.#made;
  }
  add(kind, value, at = this.#rows.length) {
    this.#rows.push(Object.freeze({ kind, value, at }));
    return this;
  }
  *[Symbol.iterator]() {
    yield* this.#rows;
  }
  get size() {
    return this.#rows.length;
  }
  where(f) {
    return Log.from([...this].filter(f).map(({ kind, value, at }) => [kind, value, at]));
  }
  toJSON() {
    return { size: this.size, rows: this.#rows.map((r) => `${r.at}:${r.kind}=${r.value}`) };
  }
  static isLog(x) {
    return #rows in x;
  }
}
const l = Log.from([['a', 1], ['b', 2], ['a', 3, 10]]);
console.log(JSON.stringify(l), JSON.stringify(l.where((r) => r.kind === 'a')), Log.made, Log.isLog(l), Log.isLog({}), [...l].length);
try {
  [...l][0].value = 5;
  console.log([...l][0].value);
} catch (e) {
  console.log(e.name);
}
