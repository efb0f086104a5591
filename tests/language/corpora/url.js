// A seeded corpus: pieces that parsers get wrong, put together in many ways.
let seed = 12345;
const random = (n) => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return Math.floor((seed / 0x80000000) * n);
};
const pick = (list) => list[random(list.length)];
const schemes = [
  'http:',
  'https:',
  'HTTP:',
  'ftp:',
  'file:',
  'ws:',
  'wss:',
  'foo:',
  'mailto:',
  'javascript:',
  'blob:',
  'data:',
  '',
  '',
  '1a:',
  'a+b-c.d:',
  ':',
  'http',
  'h\tttp:',
  'web+demo:',
];
const slashes = ['//', '//', '//', '/', '', '///', '\\\\', '/\\', '\\', '////'];
const users = [
  '',
  '',
  '',
  '',
  'user@',
  'user:pw@',
  ':pw@',
  'user:@',
  '@',
  'a:b:c@',
  'us er:p/w@',
  'ü:ö@',
  'a@b@',
  '%41:%zz@',
  ':@',
  "u'<>`|@",
];
const hosts = [
  'example.com',
  'EXAMPLE.com',
  'a',
  'localhost',
  '',
  '127.0.0.1',
  '0x7f.1',
  '0177.0.0.1',
  '127.1',
  '2130706433',
  '256.1.1.1',
  '1.2.3.4.5',
  '1.2.3.',
  '1.2.3.4.',
  '1..2',
  '0x',
  '0x.0x',
  '08.1',
  '999999999999',
  '4294967295',
  '4294967296',
  '1.2.3.08',
  'a.1',
  'a.0x1g',
  'a.b.0x',
  '[::1]',
  '[1:2:3:4:5:6:7:8]',
  '[1:0:0:4::8]',
  '[::ffff:1.2.3.4]',
  '[::1.2.3]',
  '[1::2::3]',
  '[1:2]',
  '[:1]',
  '[1:]',
  '[::12345]',
  '[g::]',
  '[::1',
  '::1]',
  '[0:0:0:0:0:0:0:0]',
  '[1:2:3:4:5:6:1.2.3.4]',
  '[1:0:0:2:0:0:0:3]',
  '[2001:DB8::A]',
  '[::1.2.3.256]',
  '[::01.2.3.4]',
  '[::%31]',
  'ex ample.com',
  'ex%41mple.com',
  'ex%20ample',
  'a%2fb',
  'a^b',
  'a|b',
  'a<b',
  'a>b',
  'a"b',
  "a'b",
  'a`b',
  'a{b}',
  'a%b',
  '%zz',
  'a_b',
  'a-b',
  '-a-',
  'a..b',
  'a.',
  '.',
  '..',
  '*',
  'a\tb',
  'a\nb',
  'exämple.com',
  'EXÄMPLE.com',
  'faß.de',
  '日本語。jp',
  'ａｂｃ.com',
  'xn--exmple-cua.com',
  'XN--EXMPLE-CUA.com',
  'xn--',
  'xn--a',
  'a\u00adb.com',
  'пример.рф',
  'a.b.c.d',
  'a,b',
  'a;b',
  'a=b',
  'a&b',
  'a!b',
  'a$b',
  'a(b)',
  'a+b',
  'a~b',
  'a\\b',
  'C:',
  'c|',
  '%00',
  '%7F',
  '\u007f',
  '%C3%A4.com',
  '%ff.com',
];
const ports = [
  '',
  '',
  '',
  '',
  ':',
  ':80',
  ':443',
  ':21',
  ':8080',
  ':0',
  ':00080',
  ':65535',
  ':65536',
  ':8a',
  ':-1',
  ': 80',
  ':80:80',
  ':999999999999',
];
const paths = [
  '',
  '/',
  '/a/b',
  '/a/./b',
  '/a/../b',
  '/..',
  '/../..',
  '/a/%2e%2E/b',
  '/a/.%2e',
  '/.',
  '/%2e',
  '/a/..',
  '/a//b',
  '//a',
  '/a\\b',
  '\\a',
  '/ä',
  '/a b',
  '/a%20b',
  '/%zz',
  '/"<>`{}',
  '/[]|',
  "/'()*!$&,;=:@~",
  '/C:/a',
  '/c|/a',
  '/C|',
  '/C:/../..',
  '/c:/..',
  'a',
  'a/b',
  '.',
  '..',
  './a',
  '../a',
  '../../../a',
  'C|/b',
  '/\u0000',
  '/a\tb',
  '/a\n',
  '/%',
  '/\ud83d\ude00',
  '/a;b=c',
  '/...',
  '/..a',
  '/.a',
  'a:b',
  '/a/b/../../../c',
  '/%41',
  ' ',
  '/ ',
  '/a/ ',
];
const queries = [
  '',
  '',
  '',
  '?',
  '?a=b',
  '?a b',
  "?a'b",
  '?a"b<c>',
  '?ä',
  '?#',
  '?a?b',
  '?a=b&c=%20',
  '?`{}|^',
  '?%zz',
  '?a\tb',
  '?\\/',
];
const fragments = [
  '',
  '',
  '',
  '#',
  '#a',
  '#a b',
  '#a#b',
  '#ä',
  '#`<>"',
  '#{}|^',
  "#'",
  '#%zz',
  '#a\n',
  '#?/',
];
const bases = [
  'http://base.example/a/b/c?q#f',
  'http://u:p@h:81/x/y',
  'file:///C:/d/e',
  'file://host/p/q',
  'file:///x',
  'mailto:x',
  'foo://h/p/q',
  'foo:/p/q',
  'foo:bar',
  'https://h',
  'blob:https://a.com/id',
  'http://h?q',
  'foo://h',
  'non-special:///a',
  'data:text/plain,x',
  'wss://s:444/t',
];
const show = (url) =>
  [
    url.href,
    url.origin,
    url.protocol,
    url.username,
    url.password,
    url.host,
    url.hostname,
    url.port,
    url.pathname,
    url.search,
    url.hash,
  ].join(' ¦ ');
const attempt = (make) => {
  try {
    return show(make());
  } catch (error) {
    return error.name + (error.code ? ' ' + error.code : '');
  }
};
const printable = (text) => JSON.stringify(text);
const make = () =>
  pick(schemes) +
  pick(slashes) +
  pick(users) +
  pick(hosts) +
  pick(ports) +
  pick(paths) +
  pick(queries) +
  pick(fragments);
const lines = [];
for (const host of hosts) {
  lines.push(printable(host) + ' ' + attempt(() => new URL('http://' + host + '/')));
  lines.push(printable(host) + ' ' + attempt(() => new URL('foo://' + host + '/')));
  lines.push(printable(host) + ' ' + attempt(() => new URL('file://' + host + '/x')));
}
for (const base of bases)
  for (const path of paths)
    lines.push(printable(path) + ' on ' + base + ' ' + attempt(() => new URL(path, base)));
for (let i = 0; i < 2000; i++) {
  const text = make();
  lines.push(printable(text) + ' ' + attempt(() => new URL(text)));
}
for (let i = 0; i < 1000; i++) {
  const text =
    pick([
      pick(paths),
      pick(slashes) + pick(hosts) + pick(paths),
      pick(queries),
      pick(fragments),
      make(),
      pick(schemes) + pick(paths),
    ]) +
    pick(queries) +
    pick(fragments);
  const base = pick(bases);
  lines.push(printable(text) + ' on ' + base + ' ' + attempt(() => new URL(text, base)));
}
const parts = {
  protocol: [
    'http',
    'https:',
    'file',
    'foo',
    'ws://x',
    'mailto',
    '1',
    'ht tp',
    'HTTP',
    '',
    'https\n',
    'ftp:80',
  ],
  username: ['', 'u', 'ü/@:'],
  password: ['', 'p', 'p@:?#'],
  host: [...hosts, 'h:80', 'h:443', 'h:99999', 'h:8x', 'h/p', 'h?q', 'h#f', 'u@h', ':80', 'h:'],
  hostname: [...hosts, 'h:80', 'h/p', ':', 'h:'],
  port: ['', '80', '443', '8080', '8x', 'x8', '65536', '-1', ' 80', '80 ', '00081', '8\t1'],
  pathname: [...paths, '?a', '#a'],
  search: [...queries, 'a=b', '?'],
  hash: [...fragments, 'a', '#'],
  href: ['http://x/y', 'nope', 'foo:bar'],
};
const starts = [
  'http://u:p@h:81/x/y?q#f',
  'https://h/',
  'file:///C:/d',
  'file://host/p',
  'foo://h:5/p?q#f',
  'foo:bar   ?q',
  'foo:bar  #f',
  'foo:/p',
  'foo://h',
  'foo:///p',
  'mailto:a@b',
  'ws://s/',
];
for (let i = 0; i < 2500; i++) {
  const name = pick(Object.keys(parts));
  const value = pick(parts[name]);
  const start = pick(starts);
  lines.push(
    `${start} .${name}=${printable(value)} ` +
      attempt(() => {
        const url = new URL(start);
        url[name] = value;
        return url;
      }),
  );
}
for (const line of lines) console.log(line);
console.log(lines.length);
