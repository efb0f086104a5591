// Tokenising, CSV, key=value pairs, nested replacement functions.
const tokens = (s) => s.match(/\d+(?:\.\d+)?|[-+*/()]|[a-z]\w*/gi);
console.log(tokens('3 + x1*(2.5-y)/10').join(' '));
const csv = (l) => [...l.matchAll(/("([^"]|"")*"|[^,]*)(,|$)/g)].slice(0, -1).map((m) => m[1].replace(/^"|"$/g, '').replace(/""/g, '"'));
console.log(JSON.stringify(csv('a,"b ""q"", c",,d,')));
const env = (t) => t.replace(/\$\{(\w+)(?::([^}]*))?\}/g, (m, k, dflt) => ({ HOME: '/root', N: 5 })[k] ?? dflt ?? m);
console.log(env('${HOME}/x ${N} ${NOPE:fallback} ${NOPE2}'));
console.log('a1b2c3'.split(/(\d)/).join('|'), 'one, two;three'.split(/[,;]\s*/).join('|'), ' x  y '.split(' ').length, 'abc'.split(/(?:)/).join('-'), 'aXbX'.split('X').length, ''.split(/x/).length, 'ab'.split(/(?=b)/).join('|'));
console.log('aaa'.replace(/a/g, (m, i) => i), 'abc'.replace(/(?=b)/, '^'), 'abc'.replace(/$/, '$'), 'x'.replace(/x/, '$0$1$$'), 'xyz'.replace(/(y)(z)?/, '[$2$1]'), 'tel: 555-1234'.replace(/(\d{3})-(\d{4})/, '$2-$1'));
const parseQuery = (q) => [...q.matchAll(/([^&=]+)=([^&]*)/g)].map(([, k, v]) => [decodeURIComponent(k), decodeURIComponent(v.replace(/\+/g, ' '))]);
console.log(JSON.stringify(parseQuery('a=1&b=x+y%21&c=')));
