const show = (r) => [r.method, r.url, r.redirect, r.bodyUsed, r.body === null, JSON.stringify([...r.headers]), r.signal.aborted].join(' ');
console.log(show(new Request('http://a.b')), show(new Request('HTTP://A.b:80/c d?e f#g')), show(new Request(new URL('https://x/y'))));
for (const m of ['get', 'post', 'Put', 'delete', 'options', 'head', 'PATCH', 'foo']) console.log(new Request('http://a', { method: m }).method);
const r = new Request('http://a/b', { method: 'POST', body: 'text', headers: { X: 'y' }, redirect: 'manual' });
console.log(show(r));
const copy = new Request(r, { headers: { only: 'this' } });
console.log(show(copy), r.bodyUsed, await copy.text());
await r.text().catch((e) => console.log(e.name));
const json = new Request('http://a', { method: 'PUT', body: JSON.stringify({ a: 1 }), headers: { 'content-type': 'application/json' } });
const twin = json.clone();
console.log((await json.json()).a, await twin.text(), twin.headers.get('content-type'), twin.method);
const c = new AbortController();
const s = new Request('http://a', { signal: c.signal });
const t = s.clone(); const u = new Request(s);
console.log(s.signal === c.signal, s.signal.aborted);
c.abort('r');
console.log(s.signal.aborted, t.signal.aborted, u.signal.reason, new Request('http://a', { signal: null }).signal.aborted);
const bad = [() => new Request(), () => new Request('/x'), () => new Request('http://u:p@h/'), () => new Request('http://a', { method: 'CONNECT' }), () => new Request('http://a', { method: 'a b' }), () => new Request('http://a', { body: 'x' }), () => new Request('http://a', { method: 'HEAD', body: 'x' }), () => new Request('http://a', { redirect: 'x' }), () => new Request('http://a', { signal: {} }), () => new Request('http://a', { method: 'POST', body: new ReadableStream() }), () => new Request(r), () => Request('http://a')];
for (const [i, f] of bad.entries()) try { console.log(i, 'no error', f().method); } catch (e) { console.log(i, e.name); }
const streamed = new Request('http://a', { method: 'POST', duplex: 'half', body: new ReadableStream({ start(c) { c.enqueue(new Uint8Array([104, 105])); c.close(); } }) });
console.log(await streamed.text(), streamed.headers.get('content-type'), streamed.duplex);
console.log(await new Request('http://a', { method: 'POST', body: new URLSearchParams('a=1&b=2') }).formData().then((f) => JSON.stringify([...f])));
console.log(await new Request('http://a', { method: 'POST', body: '' }).text(), await new Request('http://a').text(), String(s), s.destination, s.cache, s.credentials);
class Own extends Request { get path() { return new URL(this.url).pathname; } }
console.log(new Own('http://a/p/q').path);
