// A small simulation with classes, maps, random numbers and formatted output.
let seed = 2024;
const rnd = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
class Book {
  bids = new Map();
  asks = new Map();
  add(side, price, size) {
    const b = side === 'buy' ? this.bids : this.asks;
    b.set(price, (b.get(price) ?? 0) + size);
    return this;
  }
  get best() {
    const bid = Math.max(...this.bids.keys());
    const ask = Math.min(...this.asks.keys());
    return { bid, ask, spread: +(ask - bid).toFixed(2) };
  }
  depth(side, n) {
    const s = [...(side === 'buy' ? this.bids : this.asks)].sort(([a], [b]) => (side === 'buy' ? b - a : a - b));
    return s.slice(0, n).map(([p, q]) => `${p.toFixed(2)}x${q}`).join(' ');
  }
}
const book = new Book();
for (let i = 0; i < 200; i++) {
  const side = rnd() < 0.5 ? 'buy' : 'sell';
  const price = Math.round((side === 'buy' ? 100 - rnd() * 5 : 100.05 + rnd() * 5) * 20) / 20;
  book.add(side, price, Math.ceil(rnd() * 9));
}
console.log(JSON.stringify(book.best), '|', book.depth('buy', 4), '|', book.depth('sell', 4));
const prices = [100];
for (let i = 0; i < 50; i++) prices.push(+(prices.at(-1) * (1 + (rnd() - 0.5) / 50)).toFixed(4));
const sma = (a, n) => a.slice(n - 1).map((_, i) => a.slice(i, i + n).reduce((x, y) => x + y) / n);
console.log(prices.at(-1), sma(prices, 10).at(-1).toFixed(6), Math.max(...prices), prices.indexOf(Math.min(...prices)));
