// Three hundred random moments: parts, ISO text, parsing back.
let seed = 31337;
const rnd = (n) => (seed = (seed * 48271) % 2147483647) % n;
let bad = 0;
let hash = 0;
for (let i = 0; i < 300; i++) {
  const t = (rnd(2000000000) - 1000000000) * 1000 * (1 + rnd(20)) + rnd(1000);
  const d = new Date(t);
  const iso = d.toISOString();
  if (Date.parse(iso) !== t) bad++;
  if (Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds(), d.getUTCMilliseconds()) !== t) bad++;
  if (Date.parse(String(d)) !== Math.floor(t / 1000) * 1000) bad++;
  if (Date.parse(d.toUTCString()) !== Math.floor(t / 1000) * 1000) bad++;
  for (const c of iso + d + d.getDay()) hash = (hash * 31 + c.charCodeAt(0)) % 1000000007;
}
console.log(bad, hash);
