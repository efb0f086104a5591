const show = (h) => JSON.stringify([...h]);
console.log(show(new Headers()), show(new Headers({ b: '1', A: '2' })), show(new Headers([['x', 'y'], ['X', 'z']])));
const h = new Headers({ 'Content-Type': ' text/plain ' });
h.append('Accept', 'a'); h.append('accept', 'b'); h.append('set-cookie', 'a=1'); h.append('Set-Cookie', 'b=2');
console.log(show(h), h.get('ACCEPT'), h.get('set-cookie'), h.get('none'), JSON.stringify(h.getSetCookie()));
h.set('accept', 'c'); h.delete('content-type'); console.log(show(h), h.has('Accept'), h.has('content-type'));
h.set('new', 5); h.append('empty', ''); console.log(show(h), JSON.stringify(h.get('empty')));
h.forEach((value, name, all) => console.log(name, value, all === h));
console.log([...h.keys()].join(), [...h.values()].join(), [...h.entries()].join('|'));
console.log(show(new Headers(h)), new Headers(new Map([['m', 'n']])).get('m'));
const bad = [() => h.append('a b', 'x'), () => h.append('', 'x'), () => h.set('x', 'a\nb'), () => h.set('x', 'a\0b'), () => h.set('x', '€'), () => h.get('ü'), () => new Headers([['a']]), () => new Headers([['a', 'b', 'c']]), () => new Headers(5), () => new Headers(null), () => h.append('x'), () => h.has(), () => h.delete('('), () => Headers(), () => new Headers({ 'a b': 1 }), () => h.forEach(1), () => Headers.prototype.get.call({}, 'a')];
for (const [i, f] of bad.entries()) try { console.log(i, 'no error', String(f())); } catch (e) { console.log(i, e.name); }
console.log(new Headers({ x: '\t a b \r\n' }).get('x'), new Headers({ x: 'ÿ' }).get('x'), String(h), Object.prototype.toString.call(h.entries()));
h.set('z-last', '1'); const seen = [];
for (const [name] of h) { seen.push(name); if (name === 'accept') h.append('b-added', 'x'); }
console.log(seen.join());
class Own extends Headers { get(name) { return 'own ' + super.get(name); } }
console.log(new Own({ q: 'r' }).get('q'), new Own() instanceof Headers);
console.log(new Headers({ cookie: 'a' }).get('cookie'), new Headers([['cookie', 'a'], ['Cookie', 'b']]).get('cookie'), new Headers([['a', '1'], ['a', '']]).get('a'));
