// Mean, variance, median, quantiles, correlation, regression.
const xs = [2, 4, 4, 4, 5, 5, 7, 9, 12.5, -3];
const ys = xs.map((x, i) => 3 * x + (i % 3) - 1);
const sum = (a) => a.reduce((s, v) => s + v, 0);
const mean = (a) => sum(a) / a.length;
const variance = (a) => sum(a.map((x) => (x - mean(a)) * (x - mean(a)))) / (a.length - 1);
const q = (a, p) => {
  const s = [...a].sort((x, y) => x - y);
  const i = (s.length - 1) * p;
  const lo = Math.floor(i);
  return s[lo] + (s[Math.ceil(i)] - s[lo]) * (i - lo);
};
const cov = sum(xs.map((x, i) => (x - mean(xs)) * (ys[i] - mean(ys)))) / (xs.length - 1);
console.log(mean(xs), variance(xs), Math.sqrt(variance(xs)), q(xs, 0.5), q(xs, 0.25), q(xs, 0.9));
console.log((cov / Math.sqrt(variance(xs) * variance(ys))).toFixed(10), (cov / variance(xs)).toFixed(10), Math.max(...xs), Math.min(...xs), Math.hypot(...xs).toFixed(10));
