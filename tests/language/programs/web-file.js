const f = new File(['abc', 'd'], 'näme.txt', { type: 'text/plain', lastModified: 1234 });
console.log(f.name, f.size, f.type, f.lastModified, await f.text(), f instanceof Blob, f instanceof File, String(f));
console.log(typeof new File([], 'x').lastModified, new File([], 5).name, f.slice(0, 1) instanceof File, await f.slice(1).text());
for (const bad of [() => new File(), () => new File([]), () => File([], 'x')]) try { console.log('no error', bad()); } catch (e) { console.log(e.name); }
const form = new FormData(); form.append('f', f); form.append('b', new Blob(['x'], { type: 'a/b' })); form.append('r', f, 'renamed');
console.log(form.get('f') === f, form.get('b').name, form.get('b') instanceof File, form.get('r').name, form.get('r').type, form.get('r').lastModified);
