const show = (p) => JSON.stringify([...p]) + ' ' + p;
for (const init of ['', '?a=b', 'a=b&a=c&d', '&&=x&y=', 'a=%20+b&%zz=%41', 'ü=€&e=%E2%82%AC', 'a=b=c', '?=?', '??a', 'a=\ud800', { x: '1', y: 2 }, [['p', 'q'], ['p', 'r']], new Map([['m', 'n']]), new URLSearchParams('copy=1'), undefined, 5, 'a=%F0%9F%98%80&b=%ff']) console.log(show(new URLSearchParams(init)));
const p = new URLSearchParams('b=2&a=1&b=3');
p.append('c', "x y&=+'()*-._~!"); console.log(show(p), p.get('b'), p.getAll('b').join(), p.get('z'), p.has('a'), p.size);
p.set('b', 9); console.log(show(p)); p.set('n', 'new'); p.delete('a'); console.log(show(p)); p.sort(); console.log(show(p));
const s = new URLSearchParams('z=1&\ud83d\ude00=2&ﬃ=3&a=4&z=0&a=3'); s.sort(); console.log(show(s));
p.forEach(function (value, name, all) { console.log(name, value, all === p, this.t); }, { t: 1 });
console.log([...p.keys()].join(), [...p.values()].join(), Object.prototype.toString.call(p.keys()));
for (const bad of [() => new URLSearchParams([['a']]), () => new URLSearchParams([1]), () => p.append('a'), () => p.get(), () => URLSearchParams(), () => p.forEach(1), () => new URLSearchParams(Symbol()), () => new URLSearchParams([['a', 'b', 'c']])]) try { console.log('no error', bad()); } catch (e) { console.log(e.name); }
const u = new URL('http://h/p?a=1#f');
u.searchParams.append('b', 'ü '); console.log(u.href, u.searchParams === u.searchParams);
u.search = '?c=3'; console.log(show(u.searchParams), u.href); u.searchParams.delete('c'); console.log(u.href, u.search);
u.href = 'http://x/?new=1'; console.log(show(u.searchParams)); u.searchParams.sort(); u.searchParams.set('k', "'"); console.log(u.href);
const q = new URLSearchParams('a=1&b=2&c=3'); const seen = []; for (const [k] of q) { seen.push(k); if (k === 'a') q.delete('b'); } console.log(seen.join());
console.log(String(new URL('http://a/?x=%27\'')), JSON.stringify({ u: new URL('http://a') }), new URL('http://a') + '', URL.name, URL.length);
for (const bad of [() => new URL('x'), () => new URL('x', 'y'), () => URL('http://a'), () => { u.href = 'nope'; }]) try { console.log('no error', bad()); } catch (e) { console.log(e.name, e.code); }
console.log(new URL('/p', new URL('http://b/c')).href, new URL({ toString: () => 'http://obj/' }).host);
