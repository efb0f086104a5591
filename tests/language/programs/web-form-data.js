const f = new FormData();
f.append('a', '1'); f.append('a', 2); f.append('b', 'ü\ud800'); f.append('c', null); f.append('c', undefined);
const show = (form) => JSON.stringify([...form].map(([n, v]) => [n, typeof v === 'string' ? v : [v.name, v.type, v.size]]));
console.log(show(f), f.get('a'), f.getAll('a').join(), f.get('x'), f.has('b'), f.has('x'), f.getAll('x').length);
f.set('a', '3'); f.set('new', 'n'); f.delete('c'); console.log(show(f));
f.forEach((value, name, all) => console.log(name, JSON.stringify(value), all === f));
console.log([...f.keys()].join(), [...f.values()].length, String(f));
const round = async (form) => show(await new Response(form).formData());
const g = new FormData(); g.append('na"me\r\nx', 'line\nline\r\nline\rend'); g.append('empty', ''); g.append('ü', '€');
console.log(await round(g));
g.append('file', new Blob(['\r\n--bytes\0\xff'], { type: 'application/x' }), 'a "b".bin');
console.log(await round(g));
const text = await new Response(g).text();
const type = new Response(g).headers.get('content-type');
console.log(/^multipart\/form-data; boundary=\S+$/.test(type), text.split('\r\n').filter((line) => line.startsWith('Content-')).join('\n'));
const parse = (body, contentType) => new Response(body, { headers: { 'content-type': contentType } }).formData().then(show, (e) => e.name);
console.log(await parse('a=1&b=%20+x&c&=d&a=2', 'application/x-www-form-urlencoded'));
const part = (head, body) => `--B\r\n${head}\r\n\r\n${body}\r\n`;
console.log(await parse(part('Content-Disposition: form-data; name="x"', 'y') + '--B--', 'multipart/form-data; boundary=B'));
console.log(await parse(part('content-disposition: form-data; name="x"; filename="f.txt"\r\nContent-Type: text/x', 'y\r\nz') + '--B--\r\n', 'multipart/form-data; boundary="B"'));
for (const broken of ['', '--B', '--B\r\nno header', part('Content-Disposition: form-data; name="x"', 'y'), part('Content-Disposition: attachment', 'y') + '--B--'])
  console.log(await parse(broken, 'multipart/form-data; boundary=B'));
console.log(await parse('x', 'multipart/form-data'), await parse('x', 'text/plain'), await parse('x', 'application/json'));
for (const bad of [() => new FormData(5), () => f.append('a'), () => f.get(), () => f.append('a', 'b', 'c'), () => FormData(), () => f.set('x')])
  try { console.log('no error', bad()); } catch (e) { console.log(e.name); }
