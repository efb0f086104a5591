// Debounce and throttle with timers.
const calls = [];
const debounce = (f, ms) => {
  let t;
  return (...a) => {
    clearTimeout(t);
    t = setTimeout(() => f(...a), ms);
  };
};
const d = debounce((x) => calls.push('d' + x), 8);
d(1);
d(2);
setTimeout(() => d(3), 3);
const once = (f) => {
  let r;
  let did = false;
  return (...a) => (did ? r : ((did = true), (r = f(...a))));
};
const o = once((x) => (calls.push('o' + x), x * 2));
console.log(o(5), o(6));
await new Promise((r) => setTimeout(r, 500));
console.log(calls.join());
