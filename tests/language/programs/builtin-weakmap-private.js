// The pattern of private data per object.
const priv = new WeakMap();
class Account {
  constructor(n) {
    priv.set(this, { balance: n });
  }
  add(n) {
    priv.get(this).balance += n;
    return this;
  }
  get balance() {
    return priv.get(this).balance;
  }
}
const a = new Account(5);
const b = new Account(7);
a.add(10).add(1);
console.log(a.balance, b.balance, JSON.stringify(a));
