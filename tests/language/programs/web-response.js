const show = (r) => [r.status, r.statusText, r.ok, r.type, r.redirected, JSON.stringify(r.url), r.bodyUsed, r.body === null, JSON.stringify([...r.headers])].join(' ');
console.log(show(new Response()), show(new Response(null)), show(new Response('x')), show(new Response('', { status: 404, statusText: 'No', headers: { a: 'b' } })));
console.log(show(new Response(new Uint8Array([1, 2]))), show(new Response(new URLSearchParams({ a: 'b c' }))), show(new Response(new Blob(['x'], { type: 'a/b' }))), show(new Response(new Blob(['x']))));
console.log(show(Response.json([1])), show(Response.json({}, { status: 201, headers: { 'content-type': 'x/y' } })), show(Response.redirect('http://a.b/c d')), show(Response.redirect('http://a.b/', 307)), show(Response.error()));
console.log(show(new Response(5)), await new Response(5).text(), await new Response(undefined).text(), await new Response({}).text(), await new Response([1, 2]).text());
const r = new Response('{"a":"ü"}');
const clone = r.clone();
console.log((await r.json()).a, r.bodyUsed, clone.bodyUsed, await clone.text(), clone.bodyUsed);
for (const again of ['text', 'json', 'arrayBuffer', 'blob', 'formData']) await r[again]().catch((e) => console.log(again, e.name));
try { r.clone(); } catch (e) { console.log(e.name); }
console.log(new Uint8Array(await new Response('ab').arrayBuffer()).join(), (await new Response('ab', { headers: { 'Content-Type': 'T/x' } }).blob()).type, (await new Response(new Uint16Array([258])).arrayBuffer()).byteLength);
console.log(await new Response('\ufeffbom').text(), JSON.stringify(await new Response('a\ud800b').text()), await new Response(new Uint8Array([0xff, 0x41])).text());
await new Response('{').json().catch((e) => console.log(e.name));
const bad = [() => new Response('', { status: 99 }), () => new Response('', { status: 600 }), () => new Response('x', { status: 204 }), () => new Response('x', { status: 304 }), () => new Response('', { statusText: 'a\nb' }), () => Response.redirect('nope'), () => Response.redirect('http://a/', 200), () => Response.json(undefined), () => Response.json(Symbol()), () => Response(), () => new Response('', { headers: { 'a b': 1 } }), () => Response.error().headers.set('a', 'b'), () => Response.redirect('http://a/').headers.append('x', 'y')];
for (const [i, f] of bad.entries()) try { console.log(i, 'no error', String(f())); } catch (e) { console.log(i, e.name); }
console.log(new Response(null, { status: 204 }).status);
const h = new Response('x'); h.headers.set('x', 'y'); console.log(JSON.stringify([...h.headers]), h.headers === h.headers, String(h));
const streamed = new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('one ')); c.enqueue(new TextEncoder().encode('two')); c.close(); } }));
console.log(streamed.headers.get('content-type'), await streamed.text(), streamed.bodyUsed);
const wrong = new Response(new ReadableStream({ start(c) { c.enqueue('text'); c.close(); } }));
await wrong.text().catch((e) => console.log(e.name));
const failing = new Response(new ReadableStream({ pull() { throw new RangeError('source'); } }));
await failing.text().catch((e) => console.log(e.name, e.message));
const b = new Response('body');
const reader = b.body.getReader();
console.log(b.bodyUsed, b.body.locked);
await b.text().catch((e) => console.log(e.name));
const first = await reader.read();
console.log(first.done, new TextDecoder().decode(first.value), b.bodyUsed, (await reader.read()).done);
const two = new Response('tee me'); void two.body; const other = two.clone();
console.log(await two.text(), await other.text());
const cancelled = new Response('x'); await cancelled.body.cancel(); console.log(cancelled.bodyUsed); await cancelled.text().catch((e) => console.log(e.name));
const parts = []; for await (const chunk of new Response('iterate').body) parts.push(new TextDecoder().decode(chunk)); console.log(parts.join(''));
class Own extends Response { get extra() { return 'extra ' + this.status; } }
console.log(new Own('x', { status: 202 }).extra, await new Own('sub').text());
