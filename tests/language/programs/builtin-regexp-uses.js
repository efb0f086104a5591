// Patterns of daily use.
const emails = 'a@b.co, not@, x.y+z@sub.dom.org';
console.log(emails.match(/[\w.+-]+@[\w-]+\.[\w.-]+/g).join('|'));
const url = /^(https?):\/\/([^/:]+)(?::(\d+))?(\/[^?#]*)?(?:\?([^#]*))?/.exec('https://ex.org:8080/a/b?x=1&y=2#h');
console.log(url.slice(1).join('|'));
const q = Object.fromEntries('a=1&b=two&c='.split('&').map((p) => p.split('=')));
console.log(JSON.stringify(q), 'camelCaseText'.replace(/([A-Z])/g, ' $1').toLowerCase(), 'snake_case_x'.replace(/_(\w)/g, (m, c) => c.toUpperCase()));
console.log('1234567.891'.replace(/\B(?=(\d{3})+(?!\d))/g, ','), '  a  b '.trim().split(/\s+/).length, 'x=1; y=2'.split(/;\s*/).join('|'));
console.log('<b>bold</b>'.replace(/<[^>]+>/g, ''), /^\d{4}-\d{2}-\d{2}$/.test('2024-01-05'), 'BTC/USDT'.split('/').reverse().join('-'), '#ff8800'.match(/[0-9a-f]{2}/gi).map((h) => parseInt(h, 16)).join());
