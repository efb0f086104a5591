// Matrices, complex numbers, gcd, primes, big sums.
const mul = (a, b) => a.map((r) => b[0].map((_, j) => r.reduce((s, v, k) => s + v * b[k][j], 0)));
const power = (m, n) => (n === 1 ? m : n % 2 ? mul(m, power(m, n - 1)) : power(mul(m, m), n / 2));
console.log(JSON.stringify(power([[1, 1], [1, 0]], 50)), JSON.stringify(mul([[1, 2, 3]], [[4], [5], [6]])));
const gcd = (a, b) => (b ? gcd(b, a % b) : a);
const sieve = (n) => {
  const s = new Uint8Array(n + 1);
  const out = [];
  for (let i = 2; i <= n; i++) {
    if (s[i]) continue;
    out.push(i);
    for (let j = i * i; j <= n; j += i) s[j] = 1;
  }
  return out;
};
console.log(gcd(1071, 462), sieve(100).length, sieve(1000).at(-1), sieve(50).join());
class C {
  constructor(re, im) {
    Object.assign(this, { re, im });
  }
  mul(o) {
    return new C(this.re * o.re - this.im * o.im, this.re * o.im + this.im * o.re);
  }
  toString() {
    return `${this.re}${this.im < 0 ? '-' : '+'}${Math.abs(this.im)}i`;
  }
}
console.log(String(new C(1, 2).mul(new C(3, -1))), `${[1, 2, 3, 4].reduce((z) => z.mul(new C(0, 1)), new C(1, 0))}`);
let s = 0;
for (let i = 1; i <= 2000; i++) s += 1 / (i * i);
console.log(s, Math.abs(s - Math.PI ** 2 / 6) < 0.001, Number.MAX_SAFE_INTEGER + 2, 2 ** 53 === 2 ** 53 + 1);
