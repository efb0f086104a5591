// Small parsers: INI, query strings, templates, arithmetic.
const ini = (t) =>
  t.split(/\r?\n/).reduce(
    ([o, s], line) => {
      const l = line.replace(/[;#].*/, '').trim();
      const sec = /^\[(.+)\]$/.exec(l);
      if (sec) return [{ ...o, [sec[1]]: {} }, sec[1]];
      const kv = /^(\w+)\s*=\s*(.*)$/.exec(l);
      if (kv) o[s][kv[1]] = /^\d+$/.test(kv[2]) ? +kv[2] : kv[2];
      return [o, s];
    },
    [{ '': {} }, ''],
  )[0];
console.log(JSON.stringify(ini('a=1\n[web] ; c\nport = 80\nhost=x.y\n# no\n\n[log]\nlevel=info')));
const calc = (s) => {
  const t = s.match(/\d+\.?\d*|[-+*/()]/g);
  let i = 0;
  const prim = () => {
    if (t[i] === '(') {
      i++;
      const v = sum();
      i++;
      return v;
    }
    if (t[i] === '-') return i++, -prim();
    return +t[i++];
  };
  const prod = () => {
    let v = prim();
    while (t[i] === '*' || t[i] === '/') v = t[i++] === '*' ? v * prim() : v / prim();
    return v;
  };
  const sum = () => {
    let v = prod();
    while (t[i] === '+' || t[i] === '-') v = t[i++] === '+' ? v + prod() : v - prod();
    return v;
  };
  return sum();
};
console.log(['1+2*3', '(1+2)*3', '-4/(2-4)', '2*-3+10/4'].map(calc).join());
const tpl = (t, d) => t.replace(/{{\s*([\w.]+)\s*(?:\|\s*(\w+)\s*)?}}/g, (_, k, f) => {
  const v = k.split('.').reduce((o, x) => o?.[x], d);
  return f ? { upper: (s) => s.toUpperCase(), fixed: (n) => n.toFixed(2) }[f](v) : v ?? '';
});
console.log(tpl('{{user.name | upper}} owes {{ amount|fixed }} {{missing}}!', { user: { name: 'bob' }, amount: 3 }));
