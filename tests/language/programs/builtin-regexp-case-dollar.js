// Regular expressions: dollar.
const t = (f) => { try { return f(); } catch (e) { return e.name; } };
const make = () => /b$/; const s = 'ab\nab';
const r = make(); const m = r.exec(s); console.log(JSON.stringify(m), m && m.index, r.lastIndex, JSON.stringify(m && m.groups), r.source, r.flags, String(r)); console.log(make().test(s), s.search(make()), JSON.stringify(s.match(make())), JSON.stringify(s.split(make())), s.replace(make(), '<$&>'), s.replace(make(), (x) => x.length)); console.log(JSON.stringify(m?.indices), [...s.matchAll(new RegExp(make().source, [...new Set(make().flags + 'g')].join('')))].map((x) => x[0] + '@' + x.index).join(), new RegExp(make(), 'g').flags, new RegExp(make()).source === make().source);
